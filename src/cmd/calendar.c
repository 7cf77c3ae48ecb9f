/* What is due on which day: who is invited, opened, closed, as far as is known today. */
#include <stdlib.h>
#include "cmd/accounts.h"
#include "sync/calendar.h"

enum { DAYS_USUAL = 30, DAYS_MAX = 730, MOST = 10000 };

static void print_row(struct cmd *c, const struct account_row *row,
                      const struct show_about *about) {
    printf("  %s  %s  %s\n", cmd_cell(c, about->person, 12), cmd_cell(c, about->name, 26),
           cmd_str(c, row->sentence));
}

static enum rc_code show(struct cmd *c, const struct company *co, const struct platform *p,
                         struct account_row *rows, size_t n, struct cmd_json *j) {
    RC_CLEANUP(json_reader_freep) struct json_reader *r = json_reader_new(1 << 20);
    date_days day = DATE_NONE;
    char text[DATE_TEXT_BYTES];
    struct arena a;
    enum rc_code rc = RC_OK;
    arena_init(&a);
    for (size_t i = 0; i < n && rc == RC_OK; i++) {
        struct show_about about;
        arena_reset(&a);
        if ((rc = show_about_asked(c->store, &rows[i], co->company_id, p->destination_id, r, &a,
                                   &about, &c->err)) != RC_OK)
            break;
        if (rows[i].due_on != day) {
            if (c->json && day != DATE_NONE) {
                json_array_end(&j->w);
                json_object_end(&j->w);
            }
            day = rows[i].due_on;
            if (c->json) {
                json_object(&j->w, NULL);
                json_put_cstr(&j->w, "day", date_format(day, text));
                json_array(&j->w, "accounts");
            } else {
                printf("%s\n", date_format(day, text));
            }
        }
        if (c->json) {
            show_account(&j->w, &rows[i], &about);
            cmd_json_flush(j);
        } else {
            print_row(c, &rows[i], &about);
        }
        arena_reset(&c->words);
    }
    if (c->json && day != DATE_NONE) {
        json_array_end(&j->w);
        json_object_end(&j->w);
    }
    arena_done(&a);
    return rc;
}

enum cmd_exit cmd_calendar(struct cmd *c, int argc, char **argv) {
    const char *ref, *days = NULL;
    const struct cmd_option options[] = { { "days", "N", "how far ahead (30)", .value = &days },
                                          { 0 } };
    struct account_row *rows;
    struct company co;
    struct platform p;
    struct cmd_json j;
    size_t n;
    char *end = NULL;
    long ahead = DAYS_USUAL;
    enum rc_code rc;
    if (!cmd_parse(c, argc, argv, options, 1, 1, &ref))
        return CMD_MISUSED;
    if (days != NULL &&
        ((ahead = strtol(days, &end, 10)) < 0 || ahead > DAYS_MAX || end == days || *end != '\0'))
        return cmd_misused(c, "--days takes 0 to %d", DAYS_MAX);
    if ((rc = cmd_platform_of(c, ref, false, &co, &p)) != RC_OK)
        return cmd_fail(c, rc);
    if ((rc = calendar(c->store, &co, &p, clock_now_us(c->clock), (int)ahead, MOST, &c->arena,
                       &rows, &n, &c->err)) != RC_OK)
        return cmd_fail(c, rc);
    if (c->json) {
        cmd_json_begin(&j);
        json_array(&j.w, "days");
    }
    rc = show(c, &co, &p, rows, n, &j);
    if (c->json) {
        json_array_end(&j.w);
        cmd_json_finish(&j, rc);
    } else if (rc == RC_OK && n == 0) {
        printf("nothing is due in the next %ld days\n", ahead);
    }
    return rc == RC_OK ? CMD_OK : cmd_fail(c, rc);
}
