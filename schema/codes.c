#include "schema/codes.h"

#include <string.h>

#include "base/attr.h"

static const Code codes[] = {
    {"E000", "the file is not YAML",
     "Nothing of it can be read. The place is where the parser gave up; the mistake may be a line "
     "above it."},
    {"E001", "a name of an earlier release",
     "The name is no longer read. Write the one of today; where its values mean something else, "
     "the message says so."},
    {"W001", "an unknown name", "It is ignored, which is seldom what was meant."},
    {"E002", "a value of the wrong type",
     "The type of a parameter is in its manual: pgsteer schema NAME."},
    {"W002", "a number or a boolean in quotes",
     "It is read as what it looks like, but other tools take it for a text."},
    {"E003", "a key that is given twice", "Only one of the two could count."},
    {"E004", "an expression in {{ }}",
     "Nothing is executed while an inventory is read, so there are no expressions."},
    {"E005", "a placeholder that nothing fills",
     "Some parameters take some placeholders; others are text that would reach a file as it is."},
    {"E006", "an address that is no IPv4 address",
     "Hosts are known by their IPv4 addresses, which end in many files."},
    {"E007", "a name that a cluster cannot have",
     "It is part of directories, users of etcd and names of instances."},
    {"W008", "two groups with one pg_cluster", "All their hosts are one cluster."},
    {"E009", "a cluster without one primary",
     "The primary is the member that creates the cluster; the leader of a running cluster is "
     "changed by a switchover."},
    {"E010", "a number that two have",
     "The number of an instance, or of a cluster of a shard, belongs to it for life."},
    {"E011", "a host in two clusters", "A node runs one PostgreSQL server."},
    {"E012", "members that do not agree", "What belongs to a cluster is the same on all of them."},
    {"E013", "etcd, or a number in a group, is missing or there twice",
     "Patroni agrees on a leader with the help of the group etcd; each host of it has an etcd_seq, "
     "and each infra_seq is unique."},
    {"W013", "an even number of members of etcd",
     "It survives the loss of no more members than one member less would."},
    {"W014", "two members share the only etcd",
     "If the node of etcd is lost, the other member has to refuse writes."},
    {"W015", "clusters on shared proxies whose names begin alike",
     "Files of the proxies are found by the beginning of their name."},
    {"W016", "a role that no list defines",
     "It may exist on the server all the same; if not, what needs it fails when it is applied."},
    {"W017", "a role that stands after its member",
     "Roles are created in the order of the list, and a membership needs both."},
    {"E018", "a role that is a member of itself", "PostgreSQL refuses that."},
    {"W019", "an extension without its library, or a library without a package",
     "Some extensions only work when pg_libs has their library, which is loaded when the server "
     "starts; without the library it does not start."},
    {"E020", "a reference to nothing",
     "The group or repository that the parameter names is not in the inventory."},
    {"W020", "a template that there are no numbers of",
     "Memory and connections follow from oltp.yml then."},
    {"E021", "a pg_upstream that cannot be followed",
     "A replica follows a member of its own cluster, the primary of a standby cluster one of "
     "another cluster, and nobody itself."},
    {"W021", "a pg_delay that has no effect", "Only standby clusters lag behind."},
    {"W022", "a user of the system that is not in pg_default_roles",
     "The user is named by a parameter, but only that list creates it."},
    {"E023", "a port that is none, or has two listeners",
     "Each port of a node can be opened once, whoever wants it."},
    {"E024", "a floating address that cannot float",
     "It has to be a free address of the network that its hosts are in, and stands for one thing."},
    {"W024", "a floating address that has no effect", "It is written, but nothing switches it on."},
    {"E025", "a number out of its range",
     "The range of a parameter is in its manual: pgsteer schema NAME."},
    {"E026", "a profile of pg_rto that does not hold",
     "A row of pg_rto_plan has ten values, and Patroni needs ttl >= loop_wait + 2 * "
     "retry_timeout."},
    {"E027", "an HBA file that is wrong or locks somebody out",
     "A rule has words that the server would refuse, or the file turns away replication, the "
     "superuser, the monitor, the pool or the administrator."},
    {"W027", "an HBA rule that never counts", "The first rule that fits a connection decides."},
    {"E028", "a service that leads nowhere", "Its selector cannot be understood."},
    {"W028", "a service without members", "It answers nobody."},
    {"E029", "a key that the version or the locale provider does not know",
     "PostgreSQL would refuse what it is for."},
    {"W029", "a locale key without template0",
     "PostgreSQL takes another locale or encoding than template1's only from template0."},
    {"E030", "an expire_at that is no date", "Write YYYY-MM-DD or infinity."},
    {"W030", "a user that has expired, or expires in two ways",
     "PostgreSQL does not let it in with its password."},
    {"E031", "a password that cannot work",
     "No file can carry a line break in it, or a program would have to log in with its stored "
     "form."},
    {"W031", "a password of the public samples", "Everybody knows it."},
    {"E032", "a line that is no line of a crontab",
     "cron would ignore it, and nobody would be told."},
    {"W032", "nothing makes backups", "pgBackRest is on, but no crontab of the cluster calls it."},
    {"E033", "a setting that does not work there",
     "Another parameter or Patroni itself sets it, so that what is written has no effect or "
     "contradicts it; or the version of PostgreSQL does not have it, and the server would not "
     "start."},
    {"W033", "a setting that is not known, or hides a parameter",
     "Settings of extensions have a point in their name; others without one stop the server from "
     "starting."},
    {"W034", "a database that is recreated", "All its data is dropped."},
    {"W037", "a repository that keeps all backups",
     "pgBackRest deletes nothing without retention_full, until the repository is full."},
    {"E038", "a word that pgBackRest does not know", "It knows y and n, not true and false."},
    {"W039", "pg_libs in the wrong order", "citus and timescaledb have to be loaded first."},
    {"W040", "a synchronous cluster with too few replicas",
     "If the last replica is lost, writes wait or are not synchronous any more."},
    {"E041", "a file that has not the shape of an inventory",
     "all has vars and children; a group has vars and hosts; a host is an address with "
     "parameters."},
    {"E042", "a text that would be unsafe where it ends",
     "It reaches a configuration file or a command line, which would read it differently."},
    {"E043", "an ansible_* variable that is not supported",
     "Only those that say how a node is reached are read."},
    {"W044", "parameters of modules that are not managed", "Nothing is done about them."},
    {"E045", "a tag of YAML that is not supported",
     "Nothing is made out of a tag, but !vault of passwords."},
    {"E046", "a member without its identity",
     "A member of a cluster has pg_cluster, pg_seq and pg_role."},
    {"E047", "an object without a field that it needs", "The object is ignored as a whole."},
    {"E048", "a name that is there twice", "Only one of the two could count."},
    {"E049", "a name that a user cannot have",
     "It ends in files and statements that know fewer letters than PostgreSQL."},
    {"E050", "a name that is reserved", "PostgreSQL or PgBouncer has something of that name."},
    {"W051", "a parameter without a value", "Its default counts, as if it were not written."},
    {"W052", "a password that is written as a number or truth value",
     "Other tools may read another text, such as one without leading zeros, or True for yes."},
    {"W053", "a parameter that nothing reads", "It never had, or has no longer, an effect."},
    {"W054", "a wish that is not carried out yet",
     "It is understood, but this version of pgsteer does nothing about it."},
    {"E055", "a secret that is not at hand",
     "It was to come from the environment, from a file or from !vault, and is not there."},
    {"W056", "memory that does not add up", "Buffers, huge pages and memory do not fit together."},
    {"E057", "a waiver that is wrong",
     "Only warnings can be waived, in the vars of all, with a reason and a last day."},
    {"W057", "a waiver that waives nothing",
     "What it was for is gone, or it never was what it says."},
    {"W058", "more connections than the server has",
     "The pools together may ask for more than max_connections leaves them."},
    {"E059", "a standby cluster that cannot follow its source",
     "It needs the same major version, and at least the source's connections, locks and workers."},
    {"E060", "a file that is no YAML inventory",
     "Scripts, plugins, INI files and encrypted files are refused by name."},
    {"W060", "a file beside the inventory that nobody reads",
     "It is in a place or has a name that no group or host stands for."},
    {"E061", "a file that cannot be read",
     "What the rest says is not checked any further, because half an inventory is another one."},
    {"W062", "a group with variables and without nodes",
     "Its variables reach nobody: its hosts are missing, or somewhere else."},
    {"E063", "a replication slot that cannot be made",
     "It needs a name that PostgreSQL knows, a type, and if it is logical a database and a "
     "plugin."},
    {"W063", "a replication slot in a database that no list defines",
     "It may exist on the server all the same; if not, Patroni waits for it."},
    {"W064", "a package repository without packages",
     "Said by plan: nodes would find nothing to install there."},
    {"E065", "a value that a setting of PostgreSQL does not take",
     "The server would not start with it, or refuse the statement; or Patroni would take its own "
     "default instead."},
    {"E066", "a repository that backups cannot reach",
     "Its storage needs a place and, mostly, a key."},
    {"W067", "a floating address without a mask", "It is taken for one of a /24 network."},
    {"W068", "a property that a cluster has for life",
     "Said by plan: initdb made it so, and another value needs a new cluster."},
    {"E069", "leases that nobody keeps, or several",
     "Runners that ask different places meet on the nodes, not before."},
};

size_t codes_count(void)
{
    return COUNT_OF(codes);
}

const Code *codes_at(size_t i)
{
    return i < COUNT_OF(codes) ? &codes[i] : NULL;
}

const Code *codes_find(const char *code)
{
    for (size_t i = 0; i < COUNT_OF(codes); i++) {
        if (strcmp(codes[i].code, code) == 0)
            return &codes[i];
    }
    return NULL;
}
