/* What became of a person: every version that was current, newest first, with its changes and who
 * approved them; and what runs wanted that were not applied. */
#include "cmd/people.h"
#include "show/history.h"

struct life {
    struct cmd *c;
    const struct company *co;
    struct show_life is;
};

static const char *what_became(struct cmd *c, const struct show_step *s) {
    const struct run *r = &s->run;
    if (s->was_applied)
        return arena_printf(&c->words, "applied%s", r->approved ? ", approved" : "");
    switch (r->state) {
    case RUN_HELD: return "held: would change this, once approved";
    case RUN_PREVIEWED: return "a preview: would change this, if approved";
    case RUN_REJECTED: return "rejected: would have changed this";
    case RUN_SUPERSEDED: return "superseded by a newer listing: would have changed this";
    case RUN_APPLIED: return "applied to others; this person had changed meanwhile";
    case RUN_LISTING:
    case RUN_CHECKING:
    case RUN_PASSED:
    case RUN_FAILED:
    case RUN_STATES_N: break;
    }
    return run_state_name(r->state);
}

/* A team with its name behind the key. */
static struct text shown(const struct life *l, const struct history_change *k, struct text t) {
    bool team = text_is(k->field, user_field_name(USER_PRIMARY_TEAM)) ||
                text_is(k->field, user_field_name(USER_SECONDARY_TEAMS));
    return team ? people_teams(l->c, l->co, l->is.person, t) : t;
}

static void print_step(const struct life *l, const struct show_step *s) {
    struct cmd *c = l->c;
    const struct run *r = &s->run;
    printf("\n%s  run %lld (%s): %s\n",
           cmd_when(c, r->applied_us != 0 ? r->applied_us : r->started_us), (long long)r->run_id,
           run_kind_name(r->kind), what_became(c, s));
    if (r->decided_by.state == TEXT_SET)
        printf("  %s by %s: %s\n", r->state == RUN_REJECTED ? "rejected" : "approved",
               cmd_str(c, r->decided_by), cmd_str(c, r->decided_because));
    for (size_t i = 0; i < s->changes_n; i++) {
        const struct history_change *k = &s->changes[i];
        struct buf b;
        buf_init(&b, 1 << 16);
        change_sentence(cmd_str(c, k->field), shown(l, k, k->old), shown(l, k, k->new),
                        cmd_str(c, k->rule), &b);
        printf("  %s\n", cmd_str(c, text_from(b.ptr, b.len)));
        buf_done(&b);
    }
    if (s->changes_n == 0)
        puts("  nothing that is shown; HR stated something else that the mapping does not use");
}

static void print_life(const struct life *l) {
    printf("%s%s%s (%s)\n", cmd_colour() ? "\033[1m" : "", cmd_str(l->c, l->is.name),
           cmd_colour() ? "\033[0m" : "", cmd_str(l->c, l->is.person->source_id));
    for (size_t i = 0; i < l->is.n; i++)
        print_step(l, &l->is.steps[i]);
}

enum cmd_exit cmd_people_history(struct cmd *c, int argc, char **argv) {
    const struct cmd_option options[] = { { 0 } };
    const char *ref;
    struct people_found f;
    struct cmd_json j;
    enum rc_code rc;
    if (!cmd_parse(c, argc, argv, options, 1, 1, &ref))
        return CMD_MISUSED;
    if ((rc = people_find(c, ref, &f)) != RC_OK ||
        (f.n == 0 && (rc = people_nobody(c, f.who)) != RC_OK))
        return cmd_fail(c, rc);
    const struct show s = cmd_show(c);
    if (c->json) {
        cmd_json_begin(&j);
        json_array(&j.w, "people");
    }
    for (size_t i = 0; i < f.n && rc == RC_OK; i++) {
        struct life l = { .c = c, .co = &f.company };
        if ((rc = show_life_load(&s, &f.company, &f.people[i], &l.is, &c->err)) != RC_OK)
            break;
        if (!c->json && i > 0)
            putchar('\n');
        c->json ? show_life(&s, &j.w, &l.is) : print_life(&l);
    }
    if (c->json) {
        json_array_end(&j.w);
        cmd_json_finish(&j, rc);
    }
    return rc == RC_OK ? CMD_OK : cmd_fail(c, rc);
}
