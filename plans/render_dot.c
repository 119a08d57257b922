/* The graph of actions for Graphviz: dot -Tsvg. */
#include "plans/render.h"

static void put_quoted(FILE *out, const char *text)
{
    fputc('"', out);
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '"' || c == '\\')
            fputc('\\', out);
        fputc(c < ' ' || c == 0x7f ? ' ' : c, out);
    }
    fputc('"', out);
}

static const char *shape_of(const Action *action)
{
    if (action->verb == &plan_barrier_verb)
        return "point";
    return action->op == CHANGE_NONE ? "ellipse" : "box";
}

void plan_render_dot(FILE *out, const Plan *plan)
{
    fputs("digraph plan {\n  rankdir = LR;\n", out);
    for (size_t i = 0; i < plan->action_count; i++) {
        const Action *action = &plan->actions[i];
        fprintf(out, "  a%zu [shape = %s, label = ", i, shape_of(action));
        put_quoted(out, action->address);
        fputs(", tooltip = ", out);
        put_quoted(out, action->verb->name);
        fputs("];\n", out);
    }
    for (size_t i = 0; i < plan->edge_count; i++) {
        const PlanEdge *edge = &plan->edges[i];
        fprintf(out, "  a%zu -> a%zu [tooltip = ", edge->from, edge->to);
        put_quoted(out, edge->sentence ? edge->sentence : "");
        fputs("];\n", out);
    }
    fputs("}\n", out);
}
