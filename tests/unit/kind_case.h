/*
 * tests/unit/kind_case.h - one kind of a PostgreSQL cluster under an inventory and facts made by
 * hand: what differs, and what its verbs would do about it, as texts to compare.
 */
#pragma once

#include "plans/diff.h"
#include "schema/inventory.h"

#define CASE_NONCE "nonce"

typedef struct KindCase {
    Arena *arena;
    const Inventory *inventory;
    const Domain *domain; /* the first PostgreSQL cluster */
    Facts *facts;
} KindCase;

/* The inventory must be without errors. No facts yet. */
KindCase *kind_case(Arena *arena, const char *inventory);

/* Every node was read, and nothing that anybody asks about is there. */
void case_bare(KindCase *play);

/* A reading, as JSON with ' for ". */
void case_fact(KindCase *play, const char *source, const char *subject, const char *json);
void case_unread(KindCase *play, const char *source, const char *subject, const char *reason);

/* node.files of a host: this file has this content; NULL: it is not there. */
void case_file(KindCase *play, const char *host, const char *path, const char *content);

/* The same in node.secret_files, under the nonce CASE_NONCE. case_mask() is what stands there
 * instead of a secret. */
void case_secret_file(KindCase *play, const char *host, const char *path, const char *content);
const char *case_mask(Arena *arena, const char *secret);

/* The first `from` in a file of node.files becomes `to`. */
void case_edit(KindCase *play, const char *host, const char *path, const char *from,
               const char *to);

/* node.units of a host: this unit alone, loaded, with this ActiveState. */
void case_unit(KindCase *play, const char *host, const char *name, const char *active);

/* The dynamic configuration that Patroni would have been given, for "patroni.config". */
Value *case_document(KindCase *play);

Diff case_diff(KindCase *play, const Kind *kind);

/* One line a change: "create ADDRESS", "update ADDRESS param/key: BEFORE -> AFTER (reload)",
 * "withhold ADDRESS: reason"; then the notes. */
const char *case_story(KindCase *play, const Kind *kind);

void case_expect(KindCase *play, const Kind *kind, const char *story);

/* The action that carries out the change of that address; fails the test if there is none. */
const Action *case_action(KindCase *play, const Kind *kind, const char *address);

/* One action for all changes of the kind, as procedures make it for those of one node. */
const Action *case_batch(KindCase *play, const Kind *kind, const char *verb, const char *address);

/* Its effects and checks. Contents of files are shown as they would be written, with secrets as
 * <ADDRESS>. */
const char *case_effects(KindCase *play, const Action *action);
const char *case_checks(KindCase *play, const Action *action);

/* What the action for this address writes to these paths (NULL-terminated) is there now. */
void case_write(KindCase *play, const Kind *kind, const char *address, const char *const *paths);

/* The content that an effect would give this file; fails the test if there is none. */
const char *case_content(KindCase *play, const Action *action, const char *path);

/* Play every *.case of a folder below tests/cases. Sections: "@inventory"; "@facts" with lines
 * "SOURCE SUBJECT JSON", put over bare nodes; "@kinds" with names; "@show" with lines
 * "KIND ADDRESS"; then "@story" (what differs) and "@answers" (effects and checks of what is
 * shown), which UPDATE_GOLDEN=1 rewrites. */
void case_play_folder(Arena *arena, const char *name);

/* Parts of such files: the lines between "@NAME" and the next section ("" if there is none), and
 * the readings that lines of facts are. */
const char *case_section(Arena *arena, const char *text, const char *name);
void case_facts(KindCase *play, const char *text);
