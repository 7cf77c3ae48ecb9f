/* Who waits for an invitation, and the word to send it. */
#include <string.h>
#include "cmd/accounts.h"
#include "cmd/destination.h"
#include "people/decide.h"
#include "show/invited.h"
#include "sync/accounts.h"

enum { SHOWN = 40 };

struct invitation {
    struct cmd *c;
    struct company co;
    struct platform p;
    struct cmd_list people; /* as typed; none: by team, or everybody */
    const char *team;
    struct show_invited is;
};

/* ---- what is said ---- */

const char *cmd_invite_again(struct cmd *c, const struct company *co, const struct platform *p,
                             struct text person, const struct account_row *row) {
    char day[DATE_TEXT_BYTES];
    date_days today = DATE_NONE;
    struct zone *zone;
    if (!text_is(row->code, DECIDE_INVITATION_LAPSED))
        return NULL;
    if (company_zone(co, &zone, NULL) == RC_OK) {
        today = zone_today(zone, clock_now_us(c->clock));
        zone_close(zone);
    }
    bool is_to_come = today != DATE_NONE && row->is.invite_on > today;
    return arena_printf(&c->words, "rollcall invite %s/%s %s%s%s", cmd_str(c, co->key),
                        cmd_str(c, p->key), cmd_str(c, person), is_to_come ? " --on " : "",
                        is_to_come ? date_format(row->is.invite_on, day) : "");
}

static enum rc_code tell(struct invitation *v, const struct accounts_context *x, const char *day,
                         bool preview) {
    struct cmd *c = v->c;
    RC_CLEANUP(json_reader_freep) struct json_reader *r = json_reader_new(1 << 20);
    struct cmd_json j;
    enum rc_code rc = RC_OK;
    if (c->json) {
        cmd_json_begin(&j);
        json_put_bool(&j.w, "preview", preview);
        json_put_cstr(&j.w, "on", day);
        json_array(&j.w, "people");
    } else
        printf("%s %s%s%s\n", cmd_people(c, (int64_t)v->is.n),
               preview ? "would be invited by the next delivery"
                       : "to be invited by the next delivery",
               day != NULL ? " from " : "", day != NULL ? day : "");
    for (size_t i = 0; i < v->is.n && rc == RC_OK; i++) {
        struct account_row row;
        struct show_about about;
        struct text email;
        if (!c->json && i == SHOWN) {
            printf("    ... and %s more\n", cmd_count(c, (int64_t)(v->is.n - SHOWN)));
            break;
        }
        if ((rc = account_of_user(c->store, v->co.company_id, v->p.destination_id, v->is.users[i],
                                  &c->words, &row, &c->err)) != RC_OK ||
            (rc = show_about(c->store, &row, v->co.company_id, r, &c->words, &about, &c->err)) !=
                RC_OK ||
            (rc = accounts_invited_at(x, &row, &c->words, &email, &c->err)) != RC_OK)
            break;
        if (c->json)
            show_account(&j.w, &row, &about);
        else
            printf("    %s %s  %s\n", cmd_cell(c, about.person, 12), cmd_cell(c, about.name, 26),
                   cmd_str(c, email));
        arena_reset(&c->words);
    }
    if (c->json && rc == RC_OK) {
        json_array_end(&j.w);
        cmd_json_end(&j);
    } else if (rc == RC_OK && v->is.n > 0)
        printf(preview ? "\nNothing has been noted: the same without --preview does it.\n"
                       : "\nNext:  rollcall deliver %s/%s\n",
               cmd_str(c, v->co.key), cmd_str(c, v->p.key));
    return rc;
}

enum cmd_exit cmd_invite(struct cmd *c, int argc, char **argv) {
    struct invitation v = { .c = c };
    const char *args[65] = { NULL }, *all = NULL, *on = NULL, *preview = NULL;
    const struct cmd_option options[] = {
        { "team", "TEAM", "whoever of this team waits for an invitation, by its name or key",
          .value = &v.team },
        { "all", NULL, "whoever waits for one", .value = &all },
        { "on", "DATE", "not before this day", .value = &on },
        { "preview", NULL, "say who it would be, and note nothing", .value = &preview },
        { 0 }
    };
    date_days day = DATE_NONE;
    enum rc_code rc;
    if (!cmd_parse(c, argc, argv, options, 1, RC_LEN(args) - 1, args))
        return CMD_MISUSED;
    for (size_t i = 1; args[i] != NULL; i++)
        v.people.items[v.people.n++] = args[i];
    if ((v.people.n > 0) + (v.team != NULL) + (all != NULL) != 1)
        return cmd_misused(c, "say whom: PERSON..., or --team TEAM, or --all");
    if (on != NULL && date_parse(on, strlen(on), &day, NULL) != RC_OK)
        return cmd_misused(c, "--on wants a day like 2026-11-30");
    if ((rc = cmd_platform_of(c, args[0], false, &v.co, &v.p)) == RC_OK) {
        const struct show s = cmd_show(c);
        rc = show_invited_find(&s, &v.co, &v.p, v.people.items, v.people.n, v.team, &v.is, &c->err);
    }
    const struct accounts_context x = {
        .st = c->store, .company = &v.co, .platform = &v.p, .clock = c->clock, .who = cmd_who(c)
    };
    if (rc == RC_OK && v.is.n > 0)
        rc = preview == NULL ? accounts_invite(&x, v.is.users, v.is.n, day, &c->err)
                             : accounts_would_invite(&x, v.is.users, v.is.n, &c->err);
    if (rc == RC_OK)
        rc = tell(&v, &x, on, preview != NULL);
    show_invited_done(&v.is);
    return rc == RC_OK ? CMD_OK : cmd_fail(c, rc);
}
