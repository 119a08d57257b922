/* How things are done to a node: its name, packages, users, folders, links, files, services. */
#include <string.h>

#include "base/digest.h"
#include "providers/kinds/hosts_block.h"
#include "providers/verbs/action_args.h"
#include "providers/verbs/verbs.h"

static const char *name_of(const Action *action)
{
    return value_get_text(action->args, "name");
}

/* One look for each of `names` (fact and param have the same name) that is desired. */
static void look_add_each(Arena *arena, CheckList *out, const Action *action, Look look,
                          const char *const *names)
{
    for (; *names; names++) {
        look.path = *names;
        look.value = arg_param(action, *names);
        look.relation = RELATION_EQUAL;
        if (look.value)
            look_add(arena, out, action, look);
    }
}

static void node_effects(Arena *arena, const Action *action, EffectList *out)
{
    if (arg_differs(action, "hostname")) {
        Value *args = value_map(arena);
        value_set(arena, args, "name", arg_param(action, "hostname"));
        effect_add(arena, out, EFFECT_HOSTNAME, action->host, args);
    }
    if (arg_differs(action, "hosts")) {
        Value *args = value_map(arena);
        value_set_text(arena, args, "path", "/etc/hosts");
        value_set_text(arena, args, "block", HOSTS_BLOCK_NAME);
        value_set_text(arena, args, "content",
                       hosts_block_content(arena, arg_param(action, "hosts")));
        effect_add(arena, out, EFFECT_FILE_BLOCK, action->host, args);
    }
}

static void node_post(Arena *arena, const Action *action, CheckList *out)
{
    static const char *const names[] = {"hostname", NULL};
    look_add_each(arena, out, action,
                  (Look){.source = "node.os", .sentence = "the node has its name"}, names);
    const Value *lines = arg_param(action, "hosts");
    if (value_count(lines) > 0)
        look_add(arena, out, action,
                 (Look){.source = "node.files",
                        .asked = "/etc/hosts",
                        .path = "content",
                        .relation = RELATION_CONTAINS,
                        .value = value_text(arena, hosts_block_content(arena, lines)),
                        .sentence = "the node knows the names of the others"});
}

const Verb verb_node_set = {
    .name = "node.set",
    .doc = "Set the name of the node and our block in /etc/hosts.",
    .interruptible = true,
    .half_done = HALF_REPEAT,
    .expected_ms = 200,
    .deadline_ms = MINUTES(2),
    .progress = "naming",
    .effects = node_effects,
    .post = node_post,
};

static void file_effects_one(Arena *arena, const Action *action, EffectList *out)
{
    static const char *const names[] = {"path", "content", "owner", "group", "mode", NULL};
    effect_add(arena, out, EFFECT_FILE_PUT, action->host, arg_pick(arena, action, names));
}

static const Value *digest_of(Arena *arena, const Value *content)
{
    char hex[SHA256_HEX + 1];
    const char *text = value_as_text(content, "");
    sha256_hex(text, strlen(text), hex);
    return value_text(arena, hex);
}

static void look_add_content(Arena *arena, CheckList *out, const Action *action,
                             const Value *content, const char *sentence)
{
    look_add(arena, out, action,
             (Look){.source = "node.files",
                    .asked = arg_param_text(action, "path"),
                    .path = "sha256",
                    .relation = RELATION_EQUAL,
                    .value = digest_of(arena, content),
                    .sentence = sentence});
}

/* The file is still what the plan was made for. */
static void file_pre_one(Arena *arena, const Action *action, CheckList *out)
{
    const Value *before = arg_before(action, "content");
    if (before)
        look_add_content(arena, out, action, before, "the file is as it was when planned");
    else
        look_add(arena, out, action,
                 (Look){.source = "node.files",
                        .asked = arg_param_text(action, "path"),
                        .path = "exists",
                        .relation = RELATION_EQUAL,
                        .value = &value_false,
                        .sentence = "the file is not there yet"});
}

FOR_ALL_PARTS(file_pre, CheckList)

static void file_post_one(Arena *arena, const Action *action, CheckList *out)
{
    static const char *const names[] = {"owner", "group", "mode", NULL};
    look_add_content(arena, out, action, arg_param(action, "content"), "the file has its content");
    look_add_each(arena, out, action,
                  (Look){.source = "node.files",
                         .asked = arg_param_text(action, "path"),
                         .sentence = "the file has its owner and mode"},
                  names);
}

FOR_ALL_PARTS(file_post, CheckList)

FOR_ALL_PARTS(file_effects, EffectList)

const Verb verb_file_put = {
    .name = "file.put",
    .doc = "Write a file with its owner and mode.",
    .half_done = HALF_REPEAT,
    .expected_ms = 100,
    .deadline_ms = MINUTES(2),
    .progress = "writing",
    .effects = file_effects,
    .pre = file_pre,
    .post = file_post,
};

const Verb verb_file_preset = {
    .name = "file.preset",
    .doc = "Write a file that installing packages reads.",
    .half_done = HALF_REPEAT,
    .expected_ms = 100,
    .deadline_ms = MINUTES(2),
    .progress = "writing",
    .effects = file_effects,
    .pre = file_pre,
    .post = file_post,
};

const Verb verb_apt_set = {
    .name = "apt.set",
    .doc = "Write the list of package sources.",
    .half_done = HALF_REPEAT,
    .expected_ms = 100,
    .deadline_ms = MINUTES(2),
    .progress = "writing",
    .effects = file_effects,
    .pre = file_pre,
    .post = file_post,
};

/* Its path is the name of the resource. */
static void remove_effects(Arena *arena, const Action *action, EffectList *out)
{
    Value *args = value_map(arena);
    value_set_text(arena, args, "path", name_of(action));
    effect_add(arena, out, EFFECT_FILE_REMOVE, action->host, args);
}

static void remove_post(Arena *arena, const Action *action, CheckList *out)
{
    look_add(arena, out, action,
             (Look){.source = "node.paths",
                    .asked = name_of(action),
                    .path = "type",
                    .relation = RELATION_EQUAL,
                    .value = value_text(arena, "absent"),
                    .sentence = "it is gone"});
}

const Verb verb_file_remove = {
    .name = "file.remove",
    .doc = "Remove a file.",
    .half_done = HALF_REPEAT,
    .expected_ms = 100,
    .deadline_ms = MINUTES(2),
    .progress = "removing",
    .effects = remove_effects,
    .post = remove_post,
};

/* What is wanted and was not there: naming an installed package would upgrade it. */
static const Value *missing_names(Arena *arena, const Action *action)
{
    const Value *wanted = arg_param(action, "names");
    const Value *before = arg_before(action, "names");
    Value *missing = value_list(arena);
    for (size_t i = 0; i < value_count(wanted); i++) {
        bool is_there = false;
        for (size_t j = 0; j < value_count(before); j++)
            is_there = is_there || value_equal(value_at(wanted, i), value_at(before, j));
        if (!is_there)
            value_push(arena, missing, value_at(wanted, i));
    }
    return missing;
}

static void packages_effects(Arena *arena, const Action *action, EffectList *out)
{
    Value *args = value_map(arena);
    value_set(arena, args, "names", missing_names(arena, action));
    value_set_text(arena, args, "job", "packages");
    effect_add(arena, out, EFFECT_PACKAGES, action->host, args);
}

static void packages_post(Arena *arena, const Action *action, CheckList *out)
{
    const Value *names = arg_param(action, "names");
    for (size_t i = 0; i < value_count(names); i++)
        look_add(arena, out, action,
                 (Look){.source = "node.packages",
                        .path = "installed",
                        .relation = RELATION_CONTAINS,
                        .value = value_at(names, i),
                        .sentence = arena_printf(arena, "%s is installed",
                                                 value_as_text(value_at(names, i), ""))});
}

/* Three nodes at once share two CPUs in the figures behind this; most of it is dpkg unpacking. */
static int64_t packages_expect(Arena *arena, const Action *action)
{
    enum { PACKAGES_START_MS = 2000, PACKAGE_MS = 2600 };
    return PACKAGES_START_MS + PACKAGE_MS * (int64_t)value_count(missing_names(arena, action));
}

const Verb verb_packages_install = {
    .name = "packages.install",
    .doc = "Install packages that are missing; the work goes on when pgsteer dies.",
    .interruptible = true,
    .half_done = HALF_REPEAT,
    .expected_ms = SECONDS(28),
    .expect = packages_expect,
    .deadline_ms = MINUTES(15),
    .progress = "installing",
    .effects = packages_effects,
    .post = packages_post,
};

static void user_effects(Arena *arena, const Action *action, EffectList *out)
{
    static const char *const names[] = {"uid", "gid", "group", "home", "shell", NULL};
    Value *args = arg_pick(arena, action, names);
    value_set_text(arena, args, "name", name_of(action));
    value_set_bool(arena, args, "system", true);
    effect_add(arena, out, EFFECT_USER, action->host, args);
}

static void user_post(Arena *arena, const Action *action, CheckList *out)
{
    static const char *const names[] = {"uid", "gid", "group", "home", "shell", NULL};
    look_add_each(arena, out, action,
                  (Look){.source = "node.users",
                         .asked = name_of(action),
                         .sentence = "the user is as wanted"},
                  names);
}

const Verb verb_user_put = {
    .name = "user.put",
    .doc = "Make a user of the operating system with its group.",
    .half_done = HALF_REPEAT,
    .expected_ms = 300,
    .deadline_ms = MINUTES(2),
    .progress = "making the user",
    .effects = user_effects,
    .post = user_post,
};

static void dir_effects_one(Arena *arena, const Action *action, EffectList *out)
{
    static const char *const names[] = {"path", "owner", "group", "mode", NULL};
    effect_add(arena, out, EFFECT_DIR, action->host, arg_pick(arena, action, names));
}

FOR_ALL_PARTS(dir_effects, EffectList)

static void dir_post_one(Arena *arena, const Action *action, CheckList *out)
{
    static const char *const names[] = {"owner", "group", "mode", NULL};
    look_add(arena, out, action,
             (Look){.source = "node.paths",
                    .asked = arg_param_text(action, "path"),
                    .path = "type",
                    .relation = RELATION_EQUAL,
                    .value = value_text(arena, "dir"),
                    .sentence = "the folder is there"});
    look_add_each(arena, out, action,
                  (Look){.source = "node.paths",
                         .asked = arg_param_text(action, "path"),
                         .sentence = "the folder has its owner and mode"},
                  names);
}

FOR_ALL_PARTS(dir_post, CheckList)

const Verb verb_dir_put = {
    .name = "dir.put",
    .doc = "Make a folder with its owner and mode.",
    .half_done = HALF_REPEAT,
    .expected_ms = 100,
    .deadline_ms = MINUTES(2),
    .progress = "making the folder",
    .effects = dir_effects,
    .post = dir_post,
};

static void link_effects_one(Arena *arena, const Action *action, EffectList *out)
{
    static const char *const names[] = {"path", "target", NULL};
    effect_add(arena, out, EFFECT_LINK, action->host, arg_pick(arena, action, names));
}

FOR_ALL_PARTS(link_effects, EffectList)

static void link_post_one(Arena *arena, const Action *action, CheckList *out)
{
    static const char *const names[] = {"target", NULL};
    look_add_each(arena, out, action,
                  (Look){.source = "node.paths",
                         .asked = arg_param_text(action, "path"),
                         .sentence = "the link leads where it should"},
                  names);
}

FOR_ALL_PARTS(link_post, CheckList)

const Verb verb_link_put = {
    .name = "link.put",
    .doc = "Make a symbolic link.",
    .half_done = HALF_REPEAT,
    .expected_ms = 100,
    .deadline_ms = MINUTES(2),
    .progress = "linking",
    .effects = link_effects,
    .post = link_post,
};
