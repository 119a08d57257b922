#include "schema/contract/kind.h"

#include <string.h>

static const char *const need_names[NEED_COUNT] = {
    [NEED_NOTHING] = "nothing", [NEED_RELOAD] = "reload",     [NEED_RECONNECT] = "reconnect",
    [NEED_RESTART] = "restart", [NEED_RECREATE] = "recreate",
};

static const char *const service_names[SERVICE_COUNT] = {
    [SERVICE_NONE] = "none",
    [SERVICE_ETCD] = "etcd",
    [SERVICE_PATRONI] = "patroni",
    [SERVICE_POSTGRES] = "postgres",
    [SERVICE_PGBOUNCER] = "pgbouncer",
    [SERVICE_HAPROXY] = "haproxy",
    [SERVICE_NGINX] = "nginx",
    [SERVICE_SYSTEMD] = "systemd",
    [SERVICE_APT] = "apt",
};

int kind_param(const Kind *kind, const char *name)
{
    for (size_t i = 0; i < kind->param_count; i++) {
        const char *param = kind->params[i].name;
        if (param == name || (param[0] == name[0] && strcmp(param, name) == 0))
            return (int)i;
    }
    return -1;
}

const char *need_name(Need need)
{
    return need_names[need];
}

const char *service_name(Service service)
{
    return service_names[service];
}
