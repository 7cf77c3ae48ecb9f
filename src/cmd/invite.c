/* Who waits for an invitation, and the word to send it. */
#include <string.h>
#include "cmd/accounts.h"
#include "cmd/destination.h"
#include "cmd/people.h"
#include "people/stored.h"
#include "store/version.h"
#include "sync/accounts.h"

enum { AT_ONCE = 500, SHOWN = 40 };

struct invitation {
    struct cmd *c;
    struct company co;
    struct platform p;
    struct cmd_list people; /* as typed; none: by team, or everybody */
    const char *team;
    int64_t *users;
    size_t n, cap;
};

static void add(struct invitation *v, int64_t user_id) {
    if (v->n == v->cap) {
        v->cap = v->cap ? 2 * v->cap : 256;
        v->users = mem_realloc(v->users, v->cap * sizeof *v->users);
    }
    v->users[v->n++] = user_id;
}

/* ---- whom ---- */

static enum rc_code add_named(struct invitation *v, const char *who) {
    struct cmd *c = v->c;
    struct people_found found;
    const char *ref = arena_printf(&c->arena, "%s/%s", cmd_str(c, v->co.key), who);
    enum rc_code rc = people_find(c, ref, &found);
    if (rc != RC_OK)
        return rc;
    if (found.n == 0)
        return people_nobody(c, who);
    if (found.n > 1)
        return rc_fail_as(&c->err, RC_INVALID, "person.several",
                          "%zu people are called %s: name one by the id in HR", found.n, who);
    add(v, found.people[0].user_id);
    return RC_OK;
}

static bool is_in_team(struct invitation *v, const struct person *p, const struct user *u) {
    struct text key = u->fields[USER_PRIMARY_TEAM];
    const char *shown = people_team(v->c, &v->co, p, key); /* " (Dock)" */
    size_t len = strlen(v->team);
    return text_is(key, v->team) ||
           (strlen(shown) == len + 3 && strncmp(shown + 2, v->team, len) == 0);
}

static enum rc_code add_waiting(struct invitation *v) {
    struct cmd *c = v->c;
    struct show_reader reader;
    struct account_row *rows;
    struct arena a;
    int64_t after = 0;
    size_t n = 0;
    enum rc_code rc = people_reader_open(c, &v->co, &reader);
    arena_init(&a);
    do {
        arena_reset(&a);
        if (rc != RC_OK ||
            (rc = account_list(c->store, v->co.company_id, v->p.destination_id, ACCOUNT_ALL, after,
                               AT_ONCE, &a, &rows, &n, &c->err)) != RC_OK)
            break;
        for (size_t i = 0; i < n && rc == RC_OK; i++) {
            struct show_view view;
            struct person p;
            after = rows[i].account_id;
            if (rows[i].is.user_id == 0 || !accounts_may_invite(&rows[i]))
                continue;
            if (v->team == NULL) {
                add(v, rows[i].is.user_id);
                continue;
            }
            if ((rc = directory_get(c->store, v->co.company_id, rows[i].is.user_id, &a, &p,
                                    &c->err)) == RC_OK &&
                (rc = people_view(c, &reader, &p, 0, &view)) == RC_OK &&
                is_in_team(v, &p, &view.user))
                add(v, rows[i].is.user_id);
            arena_reset(&c->words);
        }
    } while (rc == RC_OK && n == AT_ONCE);
    arena_done(&a);
    show_reader_close(&reader);
    return rc;
}

/* ---- what is said ---- */

static enum rc_code tell(struct invitation *v, const char *day, bool preview) {
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
        printf("%s %s%s%s\n", cmd_people(c, (int64_t)v->n),
               preview ? "would be invited by the next delivery"
                       : "to be invited by the next delivery",
               day != NULL ? " from " : "", day != NULL ? day : "");
    for (size_t i = 0; i < v->n && rc == RC_OK; i++) {
        struct account_row row;
        struct show_about about;
        if (!c->json && i == SHOWN) {
            printf("    ... and %s more\n", cmd_count(c, (int64_t)(v->n - SHOWN)));
            break;
        }
        if ((rc = account_of_user(c->store, v->co.company_id, v->p.destination_id, v->users[i],
                                  &c->words, &row, &c->err)) != RC_OK ||
            (rc = show_about(c->store, &row, v->co.company_id, r, &c->words, &about, &c->err)) !=
                RC_OK)
            break;
        if (c->json)
            show_account(&j.w, &row, &about);
        else
            printf("    %s %s\n", cmd_cell(c, about.person, 12), cmd_str(c, about.name));
        arena_reset(&c->words);
    }
    if (c->json && rc == RC_OK) {
        json_array_end(&j.w);
        cmd_json_end(&j);
    } else if (rc == RC_OK && v->n > 0)
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
    if ((rc = cmd_platform_of(c, args[0], false, &v.co, &v.p)) == RC_OK)
        for (size_t i = 0; i < v.people.n && rc == RC_OK; i++)
            rc = add_named(&v, v.people.items[i]);
    if (rc == RC_OK && v.people.n == 0)
        rc = add_waiting(&v);
    const struct accounts_context x = {
        .st = c->store, .company = &v.co, .platform = &v.p, .clock = c->clock, .who = cmd_who(c)
    };
    if (rc == RC_OK && preview == NULL && v.n > 0)
        rc = accounts_invite(&x, v.users, v.n, day, &c->err);
    if (rc == RC_OK)
        rc = tell(&v, on, preview != NULL);
    mem_free(v.users);
    return rc == RC_OK ? CMD_OK : cmd_fail(c, rc);
}
