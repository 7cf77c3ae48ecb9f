/* What a delivery did, or would do: by what happens, whom it concerns, with which values. */
#include <string.h>
#include "cmd/delivery.h"
#include "sync/foretell.h"
#include "cmd/people.h"
#include "cmd/table.h"
#include "people/stored_account.h"
#include "show/delivery.h"
#include "store/account.h"
#include "sync/health.h"

enum { SHOWN = 10, FAILED_SHOWN = 20, AT_ONCE = 500 };

/* In the order in which one asks: who loses access, who gets it, then the rest. */
static const struct kind {
    const char *verb, *would, *did;
    bool teams;
} kinds[] = {
    { "deactivate", "accounts to be deactivated", "accounts deactivated", false },
    { "create", "accounts to be made", "accounts made", false },
    { "adopt", "accounts to be linked", "accounts linked", false },
    { "reactivate", "accounts to be reactivated", "accounts reactivated", false },
    { "invite", "people to be invited", "people invited", false },
    { "unlink", "accounts to be let go of", "accounts let go of", false },
    { "update", "accounts to be updated", "accounts updated", false },
    { "nothing", "accounts that are ours, to be noted", "accounts that are ours, noted", false },
    { "create", "teams to be made", "teams made", true },
    { "adopt", "teams to be linked", "teams linked", true },
    { "rename", "teams to be renamed", "teams renamed", true },
    { "delete", "empty teams of ours to be deleted", "empty teams of ours deleted", true },
    { "nothing", "teams that are ours, to be noted", "teams that are ours, noted", true },
    { "stays", "people who stay as they are", "people who stay as they are", false },
    { "stays", "teams that stay as they are", "teams that stay as they are", true },
};

/* ---- numbers ---- */

static const struct effect_group *group_of(const struct effect_group *list, size_t n,
                                           const struct kind *k) {
    for (size_t i = 0; i < n; i++)
        if (list[i].of_teams == k->teams && list[i].all > 0 && text_is(list[i].verb, k->verb))
            return &list[i];
    return NULL;
}

static void print_group(struct cmd *c, const struct run *r, const struct kind *k,
                        const struct effect_group *g) {
    bool stays = strcmp(k->verb, "stays") == 0;
    int64_t n = stays              ? g->all
                : show_is_ahead(r) ? g->all - g->of[EFFECT_DROPPED]
                                   : g->of[EFFECT_DONE];
    printf("  %7s %s", cmd_count(c, n), show_is_ahead(r) ? k->would : k->did);
    if (stays) {
        putchar('\n');
        return;
    }
    if (g->of[EFFECT_UNDONE] > 0)
        printf(", %s undone since", cmd_count(c, g->of[EFFECT_UNDONE]));
    if (!show_is_ahead(r) && g->of[EFFECT_FAILED] > 0)
        printf(", %s refused", cmd_count(c, g->of[EFFECT_FAILED]));
    if (g->of[EFFECT_UNSURE] > 0)
        printf(", %s in doubt", cmd_count(c, g->of[EFFECT_UNSURE]));
    if (g->of[EFFECT_LOST] > 0)
        printf(", %s not done, as was seen later", cmd_count(c, g->of[EFFECT_LOST]));
    if (g->of[EFFECT_DROPPED] > 0)
        printf(", %s left out", cmd_count(c, g->of[EFFECT_DROPPED]));
    putchar('\n');
}

/* ---- whom it is about ---- */

static struct show_whom whom_of(struct cmd *c, const struct run *r, struct show_reader *reader,
                                const struct effect *e) {
    return show_whom_of(c->store, r, reader, e, &c->words);
}

/* "job_title: Packer -> Foreman; ..." of what is sent or waited for. */
static void write_fields(struct cmd *c, struct json_reader *reads, const struct effect *e,
                         struct buf *ret) {
    struct decision x;
    json doc;
    if (e->user_id == 0 || json_parse_copy(reads, e->plan.ptr, e->plan.len, &doc, NULL) != RC_OK ||
        stored_decision_read(doc, &c->words, &x, NULL) != RC_OK)
        return;
    for (size_t i = 0; i < x.fields_n; i++) {
        const struct decide_field *f = &x.fields[i];
        if (f->does == DECIDE_FIELD_STAYS)
            continue;
        buf_printf(ret, "%s%s: %s -> %s", ret->len > 0 ? "; " : "", cmd_str(c, f->name),
                   f->from.state == TEXT_SET ? cmd_str(c, f->from) : "(nothing)",
                   f->to.state == TEXT_SET ? cmd_str(c, f->to) : "(nothing)");
    }
}

/* ---- one screen ---- */

struct look {
    struct cmd *c;
    const struct company *co;
    const struct run *run;
    struct show_reader reader;
    struct json_reader *reads;
    size_t most; /* of each kind */
    bool was_cut;
};

static void print_call(struct look *l, const struct effect *e) {
    struct cmd *c = l->c;
    bool with_state = !show_is_ahead(l->run);
    struct buf fields;
    buf_init(&fields, 1 << 16);
    if (l->run->kind != RUN_UNDO && (e->pass == EFFECT_REFERENCES || text_is(e->verb, "update")))
        write_fields(c, l->reads, e, &fields);
    fputs(fields.len > 0 ? fields.ptr : cmd_str(c, e->sentence), stdout);
    if (with_state && e->state != EFFECT_DONE)
        printf(" [%s]", effect_state_name(e->state));
    if (with_state && e->answer.state == TEXT_SET && !text_equal(e->answer, e->sentence))
        printf(": %s", cmd_str(c, e->answer));
    buf_done(&fields);
}

/* second: the second call about the same person; NULL: there is none. */
static void print_effect(struct look *l, const struct effect *e, const struct effect *second) {
    struct cmd *c = l->c;
    struct show_whom w = whom_of(c, l->run, &l->reader, e);
    fputs("    ", stdout);
    if (e->user_id != 0)
        printf("%-12s %s ", cmd_str(c, w.source_id), cmd_cell(c, w.name, 28));
    print_call(l, e);
    if (second != NULL) {
        fputs("; then ", stdout);
        print_call(l, second);
    }
    putchar('\n');
}

static bool is_of(const struct effect *e, const struct kind *k) {
    return (e->user_id == 0) == k->teams && text_is(e->verb, k->verb);
}

static bool is_bad(const struct look *l, const struct effect *e) {
    return e->state == EFFECT_FAILED || e->state == EFFECT_UNSURE || e->state == EFFECT_LOST ||
           (e->state == EFFECT_DROPPED &&
            (l->run->state == RUN_APPLIED || l->run->kind == RUN_UNDO));
}

/* Those of a kind, everybody once; k NULL: the calls that came to nothing. At most so many; *ret_more:
 * there were others. */
static enum rc_code print_some(struct look *l, const struct kind *k, size_t most,
                               size_t *ret_more) {
    struct cmd *c = l->c;
    struct effect before = { 0 };
    struct arena a;
    struct effect *list;
    size_t n, shown = 0;
    int64_t after = 0;
    enum rc_code rc;
    *ret_more = 0;
    arena_init(&a);
    do {
        arena_reset(&a);
        if ((rc = effect_list(c->store, l->co->company_id, l->run->run_id, after, AT_ONCE, &a,
                              &list, &n, &c->err)) != RC_OK)
            break;
        for (size_t i = 0; i < n - (n == AT_ONCE);
             i++) { /* the last comes again, with its second */
            const struct effect *e = &list[i], *second = i + 1 < n ? e + 1 : NULL;
            bool is_second = effect_is_second(e, &before);
            if (k == NULL || (second != NULL && !effect_is_second(second, e)))
                second = NULL;
            before = *e;
            after = e->effect_id;
            if (k == NULL ? !is_bad(l, e) : is_second || !is_of(e, k))
                continue;
            if (shown++ < most)
                print_effect(l, e, second);
            else
                ++*ret_more;
            arena_reset(&c->words);
        }
    } while (n == AT_ONCE);
    arena_done(&a);
    return rc;
}

static enum rc_code look_open(struct look *l, struct cmd *c, const struct company *co,
                              const struct run *r) {
    *l = (struct look){ .c = c, .co = co, .run = r, .most = SHOWN };
    l->reads = json_reader_new(STORED_DECISION_BYTES);
    return people_reader_open(c, co, &l->reader);
}

static void look_close(struct look *l) {
    json_reader_free(l->reads);
    show_reader_close(&l->reader);
}

static void print_head(struct cmd *c, const struct company *co, const struct platform *p,
                       const struct run *r) {
    printf("%s%s/%s, run %lld, %s: %s%s", cmd_colour() ? "\033[1m" : "", cmd_str(c, co->key),
           cmd_str(c, p->key), (long long)r->run_id, run_kind_name(r->kind),
           run_state_name(r->state), cmd_colour() ? "\033[0m" : "");
    if (r->ended_us != 0)
        printf(" after %.1f s", (double)(r->ended_us - r->started_us) / 1e6);
    puts("\n");
}

const char *delivery_nothing(struct cmd *c, const struct company *co, const struct platform *p) {
    int64_t n = 0;
    if (account_count(c->store, co->company_id, p->destination_id, ACCOUNT_WAITS, &n, NULL) !=
        RC_OK)
        return "whether accounts wait for something is not known";
    if (n == 0)
        return "every account is as it should be";
    return arena_printf(&c->arena, "%s for something:  rollcall accounts list %s/%s --waits",
                        n == 1 ? "1 account waits"
                               : arena_printf(&c->arena, "%s accounts wait", cmd_count(c, n)),
                        cmd_str(c, co->key), cmd_str(c, p->key));
}

static enum rc_code print_numbers(struct look *l, struct effect_group **ret, size_t *ret_n) {
    struct cmd *c = l->c;
    enum rc_code rc =
        effect_groups(c->store, l->co->company_id, l->run->run_id, &c->arena, ret, ret_n, &c->err);
    if (rc == RC_OK && *ret_n == 0)
        puts("  nothing to do");
    for (size_t i = 0; rc == RC_OK && i < RC_LEN(kinds); i++) {
        const struct effect_group *g = group_of(*ret, *ret_n, &kinds[i]);
        if (g != NULL)
            print_group(c, l->run, &kinds[i], g);
    }
    return rc;
}

/* "1 h 20 min" */
static const char *long_time(struct cmd *c, int64_t s) {
    if (s < 120)
        return arena_printf(&c->words, "%lld s", (long long)s);
    int64_t min = (s + 59) / 60;
    return min < 120 ? arena_printf(&c->words, "%lld min", (long long)min)
                     : arena_printf(&c->words, "%lld h %lld min", (long long)(min / 60),
                                    (long long)(min % 60));
}

/* What carrying it out would take. */
static void print_foretold(struct cmd *c, const struct platform *p,
                           const struct effect_group *groups, size_t n) {
    struct foretold f = foretell(p, groups, n, &c->words);
    if (f.calls == 0)
        return;
    printf("\n  about %s call%s", cmd_count(c, f.calls), f.calls == 1 ? "" : "s");
    if (f.seconds >= 0)
        printf(": %s at the most requests a second that are set", long_time(c, f.seconds));
    putchar('\n');
}

/* Carried out right now, or not any more. */
static void print_carried(struct cmd *c, const struct company *co, const struct platform *p,
                          const struct run *r) {
    const char *key = cmd_str(c, co->key);
    bool interrupted = false;
    if (health_is_interrupted(c->store, r, clock_now_us(c->clock), &interrupted, NULL) != RC_OK)
        return;
    if (interrupted)
        printf("\nInterrupted while it was carried out. What is left is\n"
               "  gone on with:       rollcall deliver %s/%s   (rollcall serve does so by itself)\n"
               "  or not tried:       rollcall run reject %s/%lld --reason \"...\"\n",
               key, cmd_str(c, p->key), key, (long long)r->run_id);
    else
        puts("\nIt is being carried out right now.");
}

static void print_next(struct cmd *c, const struct company *co, const struct platform *p,
                       const struct run *r) {
    const char *key = cmd_str(c, co->key);
    long long id = (long long)r->run_id;
    if (r->state == RUN_HELD || r->state == RUN_PREVIEWED) {
        if (r->state == RUN_HELD)
            printf("\nHeld: %s.\nNothing has been sent. Look through it, then decide:\n",
                   cmd_str(c, r->reason));
        else
            printf("\n%s: nothing has been sent. %s%s.\n",
                   r->kind == RUN_UNDO ? "This is what undoing would do" : "A preview",
                   r->reason.state == TEXT_SET ? "It would be held: "
                                               : "The guard has no objection",
                   cmd_str(c, r->reason));
        if (r->kind == RUN_UNDO)
            printf("It takes back what run %s/%lld did, as far as it can: mails that were sent are "
                   "beyond undoing.\nWhat it sets back stays so until HR states another value or "
                   "somebody lets go of it (rollcall pin).\n",
                   key, (long long)r->other_run_id);
        printf("  rollcall run show %s/%lld\n  rollcall run approve %s/%lld --reason \"...\"\n"
               "  rollcall run reject %s/%lld --reason \"...\"\n",
               key, id, key, id, key, id);
    } else if (r->state == RUN_SUPERSEDED && r->other_run_id != 0)
        printf("\nNothing has been sent: %s. Decide on run %s/%lld:\n  rollcall run show %s/%lld\n",
               cmd_str(c, r->reason), key, (long long)r->other_run_id, key,
               (long long)r->other_run_id);
    else if (r->state == RUN_PASSED)
        print_carried(c, co, p, r);
    else if (r->reason.state == TEXT_SET && !r->approved)
        printf("\nNote: %s.\n", cmd_str(c, r->reason));
}

void delivery_summary(struct cmd *c, const struct company *co, const struct platform *p,
                      const struct run *r) {
    struct effect_group *groups;
    struct look l;
    size_t n, more = 0;
    print_head(c, co, p, r);
    enum rc_code rc = look_open(&l, c, co, r);
    if (rc == RC_OK && (rc = print_numbers(&l, &groups, &n)) == RC_OK &&
        (!show_is_ahead(r) || r->kind == RUN_UNDO)) {
        int64_t bad = 0;
        for (size_t i = 0; i < n; i++) {
            for (int s = EFFECT_FAILED; s <= EFFECT_DROPPED; s++)
                bad += groups[i].of[s] + groups[i].second[s];
            bad += groups[i].of[EFFECT_LOST] + groups[i].second[EFFECT_LOST];
        }
        if (bad > 0 && (r->state == RUN_APPLIED || r->kind == RUN_UNDO)) {
            puts(show_is_ahead(r) ? "\n  left as they are, and why" : "\n  not done, and why");
            rc = print_some(&l, NULL, FAILED_SHOWN, &more);
        }
    }
    if (rc == RC_OK && n == 0 && r->state == RUN_APPLIED)
        printf("  %s\n", delivery_nothing(c, co, p));
    if (rc == RC_OK && show_is_ahead(r))
        print_foretold(c, p, groups, n);
    if (more > 0)
        printf("    ... and %s more: rollcall run show %s/%lld --all\n",
               cmd_count(c, (int64_t)more), cmd_str(c, co->key), (long long)r->run_id);
    look_close(&l);
    print_next(c, co, p, r);
}

/* ---- run show ---- */

static enum rc_code show_table(struct look *l, const char *csv, bool mark) {
    static const char *const heads[] = { "what",   "hr_id", "name",   "email", "fields",
                                         "reason", "state", "answer", NULL };
    struct cmd *c = l->c;
    struct cmd_table t;
    struct effect *list;
    struct arena a;
    struct buf fields;
    int64_t after = 0;
    size_t n = 0;
    enum rc_code rc = cmd_table_open(c, csv, mark, heads, &t);
    if (rc != RC_OK)
        return rc;
    arena_init(&a);
    buf_init(&fields, 1 << 16);
    do {
        arena_reset(&a);
        if ((rc = effect_list(c->store, l->co->company_id, l->run->run_id, after, AT_ONCE, &a,
                              &list, &n, &c->err)) != RC_OK)
            break;
        for (size_t i = 0; i < n; i++) {
            const struct effect *e = &list[i];
            struct show_whom w = whom_of(c, l->run, &l->reader, e);
            after = e->effect_id;
            buf_clear(&fields);
            write_fields(c, l->reads, e, &fields);
            cmd_table_cell(&t, e->user_id == 0
                                   ? text_of(arena_printf(&a, "team %.*s", TEXT_ARG(e->verb)))
                                   : e->verb);
            cmd_table_cell(&t, w.source_id);
            cmd_table_cell(&t, w.name);
            cmd_table_cell(&t, w.email);
            cmd_table_cell(&t, text_from(fields.ptr, fields.len));
            cmd_table_cell(&t, e->sentence);
            cmd_table_cstr(&t, effect_state_name(e->state));
            cmd_table_cell(&t, e->answer);
            cmd_table_row_end(&t);
            arena_reset(&c->words);
        }
    } while (n == AT_ONCE);
    buf_done(&fields);
    arena_done(&a);
    if (rc == RC_OK)
        return cmd_table_close(&t);
    cmd_table_drop(&t);
    return rc;
}

static enum rc_code show_json(struct look *l, const struct platform *p) {
    struct cmd *c = l->c;
    struct effect *list;
    struct arena a;
    struct cmd_json j;
    int64_t after = 0;
    size_t n = 0;
    cmd_json_begin(&j);
    enum rc_code rc = delivery_json(c, &j.w, NULL, l->co, p, l->run);
    arena_init(&a);
    json_array(&j.w, "calls");
    while (rc == RC_OK) {
        arena_reset(&a);
        rc = effect_list(c->store, l->co->company_id, l->run->run_id, after, AT_ONCE, &a, &list, &n,
                         &c->err);
        for (size_t i = 0; rc == RC_OK && i < n; i++) {
            after = list[i].effect_id;
            struct show_whom who = whom_of(c, l->run, &l->reader, &list[i]);
            show_call(&j.w, &who, &list[i]);
            arena_reset(&c->words);
            cmd_json_flush(&j);
        }
        if (n < AT_ONCE)
            break;
    }
    json_array_end(&j.w);
    arena_done(&a);
    if (rc == RC_OK)
        cmd_json_end(&j);
    return rc;
}

static enum rc_code show_text(struct look *l, const struct platform *p, bool all) {
    struct cmd *c = l->c;
    struct effect_group *groups;
    size_t n, more;
    print_head(c, l->co, p, l->run);
    enum rc_code rc = print_numbers(l, &groups, &n);
    if (rc == RC_OK && show_is_ahead(l->run))
        print_foretold(c, p, groups, n);
    for (size_t i = 0; rc == RC_OK && i < RC_LEN(kinds); i++) {
        const struct effect_group *g = group_of(groups, n, &kinds[i]);
        if (g == NULL)
            continue;
        printf("\n%s (%s)\n", show_is_ahead(l->run) ? kinds[i].would : kinds[i].did,
               cmd_count(c, g->all));
        rc = print_some(l, &kinds[i], all ? SIZE_MAX : 4 * SHOWN, &more);
        if (more > 0) {
            printf("    ... and %s more\n", cmd_count(c, (int64_t)more));
            l->was_cut = true;
        }
    }
    if (l->was_cut)
        printf(
            "\nEverybody:  rollcall run show %s/%lld --all   (or --csv FILE, for a spreadsheet)\n",
            cmd_str(c, l->co->key), (long long)l->run->run_id);
    if (l->run->decided_by.state == TEXT_SET)
        printf("\nDecided by %s: %s\n", cmd_str(c, l->run->decided_by),
               cmd_str(c, l->run->decided_because));
    print_next(c, l->co, p, l->run);
    return rc;
}

enum cmd_exit delivery_show(struct cmd *c, const struct company *co, const struct run *r, bool all,
                            const char *csv, bool mark) {
    struct platform p;
    struct look l;
    enum rc_code rc =
        platform_get(c->store, co->company_id, r->destination_id, NULL, &c->arena, &p, &c->err);
    if (rc != RC_OK)
        return cmd_fail(c, rc);
    if ((rc = look_open(&l, c, co, r)) == RC_OK)
        rc = csv != NULL ? show_table(&l, csv, mark)
             : c->json   ? show_json(&l, &p)
                         : show_text(&l, &p, all);
    look_close(&l);
    return rc == RC_OK ? CMD_OK : cmd_fail(c, rc);
}

enum rc_code delivery_json(struct cmd *c, struct json_writer *w, const char *key,
                           const struct company *co, const struct platform *p,
                           const struct run *r) {
    const struct show s = cmd_show(c);
    return show_delivery(&s, w, key, co, p, r, &c->err);
}
