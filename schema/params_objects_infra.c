/* The fields of what infra nodes show and mirror. */
#include "schema/params_tables.h"

static const Parameter home_entry_fields[] = {
    {"name", TYPE_TEXT, .flags = NEEDED, .doc = "what the entry is called"},
    {"url", TYPE_TEXT, .flags = NEEDED, .doc = "where it leads"},
    {"desc", TYPE_TEXT, .doc = "a line about it"},
    {"icon", TYPE_TEXT, .doc = "name of its icon"},
    {"name_cn", TYPE_TEXT, .doc = "its name on the Chinese page"},
    {"desc_cn", TYPE_TEXT, .doc = "the line on the Chinese page"},
};

const ParameterSchema schema_home_entry = {.name = "home page entry",
                                           .fields = home_entry_fields,
                                           .field_count = COUNT_OF(home_entry_fields)};

/* Any more option of a site; what the web server makes of them is not looked at. */
static const Parameter portal_fields[] = {
    {"domain", TYPE_TEXT, .doc = "name of the site"},
    {"endpoint", TYPE_TEXT, .doc = "address and port it stands before"},
    {"scheme", TYPE_ENUM, .words = "http|https", .doc = "what the endpoint speaks"},
    {"websocket", TYPE_BOOL, .doc = "passes web sockets on"},
    {"path", TYPE_TEXT, .doc = "directory it shows instead"},
};

const ParameterSchema schema_portal = {.name = "web site",
                                       .fields = portal_fields,
                                       .field_count = COUNT_OF(portal_fields),
                                       .open_type = TYPE_ANY,
                                       .is_open = true};

static const Parameter upstream_fields[] = {
    {"name", TYPE_TEXT, .flags = NEEDED, .doc = "name of the repository file"},
    {"description", TYPE_TEXT, .doc = "a line about it"},
    {"module", TYPE_TEXT, .doc = "module that it belongs to"},
    {"releases", TYPE_TEXTS, .doc = "major versions of the system that it is for"},
    {"arch", TYPE_TEXTS, .doc = "architectures that it is for: x86_64, aarch64"},
    {"baseurl", TYPE_TEXT_MAP, .flags = NEEDED,
     .doc = "address for each region: default, china, europe, origin"},
    {"meta", TYPE_TEXT_MAP, .doc = "more options of the repository file"},
    {"minor", TYPE_BOOL, .doc = "the address holds the minor version of the system"},
};

const ParameterSchema schema_upstream = {
    .name = "upstream", .fields = upstream_fields, .field_count = COUNT_OF(upstream_fields)};

static const Parameter url_package_fields[] = {
    {"name", TYPE_TEXT, .doc = "name of the file"},
    {"url", TYPE_TEXT, .flags = NEEDED, .doc = "where it is loaded from"},
};

const ParameterSchema schema_url_package = {.name = "download",
                                            .fields = url_package_fields,
                                            .field_count = COUNT_OF(url_package_fields),
                                            .text_field = "url"};
