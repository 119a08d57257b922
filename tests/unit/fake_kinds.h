/*
 * tests/unit/fake_kinds.h - a small world of kinds whose resources are written in JSON.
 *
 * What each kind desires and reads stands in two readings of the facts, by the domain's name, so
 * that a test says everything in one place:
 *
 *   "test.desired"   [{kind, scope, name, host, absent, note, line, params: {name: value},
 *                      reasons: {param: text}, key_reasons: {param: {key: text}}, lines: {param:
 * n}}] "test.observed"  {kind: {complete, reason, scopes: {scope: reason}, resources: [{...,
 * params, unknown: {param: reason}}]}}
 *
 * A kind that "test.observed" does not mention was read completely and has no resource. In values
 * {"secret": ADDRESS} and {"late": MAKER} are holes.
 *
 * The procedures are the generic ones; "test.notes" [{kind, code, text, line}] adds notes, and
 * "test.switch" a switchover inside a bracket.
 */
#pragma once

#include "plans/plan.h"
#include "plans/procedure.h"

extern const Registry fake_registry;

/* The generic procedure and the reloads for every domain type. */
extern const Procedure *const fake_procedures[];

/* {source: {subject: value or {"unknown": reason}}} to facts. Fails the test on bad JSON. */
Facts *fake_facts(Arena *arena, const char *json);

/* JSON with holes. Fails the test on bad JSON. */
const Value *fake_json(Arena *arena, const char *json);

/* The inventory's domains. Fails the test when the inventory has errors. */
size_t fake_domains(Arena *arena, const char *yaml, const Inventory **ret_inventory,
                    const Domain **ret_domains);

/* A plan of all that (yaml and facts in JSON). The caller frees the error. */
MUST_USE Error *fake_plan(Arena *arena, const char *yaml, const char *facts,
                          const char *const *targets, const char *const *excludes, Plan **ret);
