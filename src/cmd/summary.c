/* What a run did, or would do, on one screen. */
#include <string.h>
#include "cmd/cmd.h"
#include "store/version.h"

enum { CHANGES_SHOWN = 20, JUST_NOW_S = 120 };

enum cmd_exit cmd_run_exit(const struct run *r) {
    switch (r->state) {
    case RUN_HELD: return CMD_HELD;
    case RUN_SUPERSEDED: return CMD_HELD; /* by a run that is held */
    case RUN_FAILED: return CMD_FAILED;
    case RUN_LISTING:
    case RUN_CHECKING:
    case RUN_PASSED:
    case RUN_PREVIEWED:
    case RUN_APPLIED:
    case RUN_REJECTED:
    case RUN_STATES_N: break;
    }
    return CMD_OK;
}

/* ---- for people ---- */

static void print_row(const char *title, const char *format, ...) RC_PRINTF(2, 3);
static void print_row(const char *title, const char *format, ...) {
    va_list ap;
    printf("  %-10s ", title);
    va_start(ap, format);
    vprintf(format, ap);
    va_end(ap);
    putchar('\n');
}

static void print_changed(struct cmd *c, const struct run_counts *n) {
    struct buf b;
    buf_init(&b, 1 << 16);
    /* Of those who are in the list; who is not in it has a lifecycle that changes, and is told
     * below. */
    for (int f = 0; f <= USER_FIELDS_N && n->changed > 0; f++)
        if (n->fields[f] > 0)
            buf_printf(&b, "%s%s %s%s", b.len > 0 ? ", " : "",
                       f == USER_FIELDS_N ? "lifecycle" : user_field_name((enum user_field)f),
                       cmd_count(c, n->fields[f]),
                       f == USER_FIELDS_N && n->gone + n->absent > 0 ? " with the missing" : "");
    for (size_t i = 0; i < n->custom_n && n->changed > 0; i++)
        buf_printf(&b, "%s%s %s", b.len > 0 ? ", " : "", cmd_str(c, text_of(n->custom[i].name)),
                   cmd_count(c, n->custom[i].people));
    print_row("changed", "%s%s%s%s", cmd_count(c, n->changed), b.len > 0 ? " (" : "",
              b.len > 0 ? b.ptr : "", b.len > 0 ? ")" : "");
    buf_done(&b);
}

static void print_leaving(struct cmd *c, const struct run_counts *n) {
    int64_t all = n->classes[CHANGE_LEAVERS], silent = n->classes[CHANGE_UNANNOUNCED];
    if (silent == 0)
        print_row("leaving", "%s", cmd_count(c, all));
    else if (silent == all)
        print_row("leaving", "%s, gone from HR without an end date", cmd_count(c, all));
    else
        print_row("leaving", "%s, %s of them gone from HR without an end date", cmd_count(c, all),
                  cmd_count(c, silent));
}

/* Known people whom the list did not bring, and what asking for them has shown. */
static void print_missing(struct cmd *c, const struct run_counts *n) {
    struct buf b;
    if (n->missing == 0)
        return;
    buf_init(&b, 400);
    if (n->gone == n->missing)
        buf_str(&b, ": HR does not know the id either");
    else if (n->gone > 0)
        buf_printf(&b, ": HR does not know the id of %s", cmd_count(c, n->gone));
    if (n->absent > 0)
        buf_printf(&b, "%s %s not settled", b.len > 0 ? "," : ":", cmd_count(c, n->absent));
    print_row("missing", "%s known to us and not in HR's list%s", cmd_people(c, n->missing),
              b.len > 0 ? b.ptr : "");
    buf_done(&b);
}

static void print_vanished(struct cmd *c, const struct run_counts *n) {
    for (int f = 0; f < USER_FIELDS_N; f++)
        if (n->vanished[f] > 0)
            print_row(
                "warning",
                "%s came without a value that may be read for %s people: known values stay. Look at the credential's rights",
                user_field_name((enum user_field)f), cmd_count(c, n->vanished[f]));
}

/* Of the whole directory once the run is applied; before, of those whom it would change. */
static void print_problems(struct cmd *c, const struct run_counts *n) {
    const int64_t *people = n->problems;
    int64_t shared = n->shared_email, strangers = n->unknown_manager;
    bool any = false;
    for (int p = 0; p < PROBLEMS_N; p++) {
        if (people[p] == 0)
            continue;
        print_row(any ? "" : "problems", "%s %s: %s", cmd_count(c, people[p]),
                  problem_name((enum problem)p), problem_sentence((enum problem)p));
        any = true;
    }
    if (shared > 0) {
        print_row(any ? "" : "problems",
                  "%s shared-email: several people state the same address: correct it in HR",
                  cmd_count(c, shared));
        any = true;
    }
    if (strangers > 0) {
        print_row(
            any ? "" : "problems",
            "%s unknown-manager: the supervisor is nobody we know (left, or not visible to us)",
            cmd_count(c, strangers));
        any = true;
    }
    if (!any)
        print_row("problems", "none");
}

static void print_changes(struct cmd *c, const struct company *co, const struct run *r) {
    struct version_change_row *rows;
    size_t n;
    bool any = r->counts.custom_n > 0;
    for (int f = 0; f <= USER_FIELDS_N; f++)
        any |= r->counts.fields[f] > 0;
    if (!any)
        return; /* nothing, or a crowd of joiners that says nothing line by line */
    if (version_changes(c->store, co->company_id, r->run_id, CHANGES_SHOWN + 1, &c->arena, &rows,
                        &n, NULL) != RC_OK)
        return;
    if (n > 0)
        putchar('\n');
    for (size_t i = 0; i < n && i < CHANGES_SHOWN; i++) {
        struct buf b;
        buf_init(&b, 8000);
        change_sentence(cmd_str(c, rows[i].field), rows[i].old, rows[i].new,
                        cmd_str(c, rows[i].rule), &b);
        printf("  %-12s %s %s\n", cmd_str(c, rows[i].source_id), cmd_cell(c, rows[i].name, 28),
               cmd_str(c, text_from(b.ptr, b.len)));
        buf_done(&b);
    }
    if (n > CHANGES_SHOWN)
        printf("  ... and more: rollcall run show %s/%lld\n", cmd_str(c, co->key),
               (long long)r->run_id);
}

const char *cmd_ask_first(const struct run *r) {
    if (r->state != RUN_HELD && r->state != RUN_PREVIEWED)
        return NULL;
    if (r->counts.classes[CHANGE_UNANNOUNCED] > 1)
        return "Ask first: were their profiles deleted in HR, or may the credential see fewer people than before? "
               "HR's answers are the same in both cases.";
    return NULL;
}

void cmd_summary_decide(struct cmd *c, const struct company *co, const struct run *r) {
    const char *key = cmd_str(c, co->key);
    long long id = (long long)r->run_id;
    const char *ask = cmd_ask_first(r);
    if (ask != NULL)
        printf("\n%s\n", ask);
    if (r->state == RUN_HELD || r->state == RUN_PREVIEWED)
        printf("\nNothing has been changed. Decide:\n"
               "  rollcall run approve %s/%lld --reason \"...\"\n"
               "  rollcall run reject %s/%lld --reason \"...\"\n",
               key, id, key, id);
    else if (r->state == RUN_SUPERSEDED && r->other_run_id != 0)
        printf("\nNothing has been changed by it: %s.\n  rollcall run show %s/%lld\n",
               cmd_str(c, r->reason), key, (long long)r->other_run_id);
}

void cmd_summary_next(struct cmd *c, const struct company *co, const struct run *r) {
    const char *key = cmd_str(c, co->key), *ask = cmd_ask_first(r);
    long long id = (long long)r->run_id;
    if (r->state == RUN_HELD || r->state == RUN_PREVIEWED) {
        if (r->state == RUN_HELD)
            printf("\nHeld: %s.\nNothing has been changed.%s", cmd_str(c, r->reason),
                   ask != NULL ? "\n" : " ");
        else if (r->reason.state == TEXT_SET)
            printf("\nA preview: nothing has been changed. It would be held: %s.\n",
                   cmd_str(c, r->reason));
        else
            printf("\nA preview: nothing has been changed. The guard has no objection.\n");
        if (ask != NULL)
            printf("%s\n", ask);
        if (r->state == RUN_HELD)
            puts("Look through it, then decide:");
        printf(
            "  rollcall run show %s/%lld\n  rollcall run approve %s/%lld --reason \"...\"\n  rollcall run reject %s/%lld --reason \"...\"\n",
            key, id, key, id, key, id);
    } else if (r->state == RUN_SUPERSEDED && r->other_run_id != 0) {
        printf(
            "\nNothing has been changed: %s. Decide on run %s/%lld:\n  rollcall run show %s/%lld\n",
            cmd_str(c, r->reason), key, (long long)r->other_run_id, key,
            (long long)r->other_run_id);
    } else if (r->reason.state == TEXT_SET && !r->approved) {
        printf("\nNote: %s.\n", cmd_str(c, r->reason));
    }
}

static const char *proof_reason(struct cmd *c, const struct run *r) {
    RC_CLEANUP(json_reader_freep) struct json_reader *reader = json_reader_new(1 << 16);
    const char *s;
    size_t len;
    json doc;
    if (r->proof.state != TEXT_SET ||
        json_parse_copy(reader, r->proof.ptr, r->proof.len, &doc, NULL) != RC_OK ||
        !json_str(json_get(doc, "reason"), &s, &len))
        return NULL;
    return arena_str(&c->arena, s, len);
}

void cmd_summary_head(struct cmd *c, const struct company *co, const struct integration *in,
                      const struct run *r) {
    double seconds =
        (double)((r->ended_us != 0 ? r->ended_us : clock_now_us(c->clock)) - r->started_us) / 1e6;
    printf("%s%s/%s, run %lld: %s%s", cmd_colour() ? "\033[1m" : "", cmd_str(c, co->key),
           cmd_str(c, in->key), (long long)r->run_id, run_state_name(r->state),
           cmd_colour() ? "\033[0m" : "");
    if (r->ended_us == 0 && seconds > (double)JUST_NOW_S)
        printf(" since %s", cmd_when(c, r->started_us));
    else if (!r->approved && seconds >= 0)
        printf(" after %.1f s", seconds);
    puts("\n");
}

void cmd_summary_rows(struct cmd *c, const struct run *r) {
    const struct run_counts *n = &r->counts;
    const char *proof = proof_reason(c, r);
    print_row("read", "%s people%s%s", cmd_count(c, n->read), proof != NULL ? ": " : "",
              proof != NULL ? proof : "");
    print_row("unchanged", "%s", cmd_count(c, n->unchanged));
    if (n->arrived_left > 0)
        print_row("new", "%s (%s of them had left before)", cmd_count(c, n->joiners),
                  cmd_count(c, n->arrived_left));
    else
        print_row("new", "%s", cmd_count(c, n->joiners));
    print_changed(c, n);
    print_leaving(c, n);
    print_missing(c, n);
    if (n->teams_new + n->teams_renamed > 0)
        print_row("teams", "%s new, %s renamed", cmd_count(c, n->teams_new),
                  cmd_count(c, n->teams_renamed));
    if (n->left_out > 0)
        print_row("left out", "%s, changed by something else since (run show names them)",
                  cmd_count(c, n->left_out));
    print_problems(c, n);
    print_vanished(c, n);
}

void cmd_summary(struct cmd *c, const struct company *co, const struct integration *in,
                 const struct run *r) {
    cmd_summary_head(c, co, in, r);
    cmd_summary_rows(c, r);
    print_changes(c, co, r);
    cmd_summary_next(c, co, r);
}
