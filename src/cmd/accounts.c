/* Accounts of a platform: lists, and what people decide about them by hand. */
#include <stdlib.h>
#include <string.h>
#include "cmd/accounts.h"
#include "people/decide.h"
#include "show/subject.h"
#include "sync/left.h"

enum { AT_ONCE = 500, SHOWN = 40, NAMED_MAX = 100 };

static void print_account(struct cmd *c, const struct account_row *row,
                          const struct show_about *about) {
    struct text whose = about->person.state == TEXT_SET ? about->person : text_of("-");
    struct text account = row->is.remote_id.state == TEXT_SET ? row->is.remote_id : text_of("-");
    printf("%s  %s  %s  %-11s %s\n", cmd_cell(c, account, 12), cmd_cell(c, whose, 12),
           cmd_cell(c, about->name, 26),
           account_exists(&row->is) ? account_status_name(row->is.status) : "no account",
           row->is.user_id == 0 ? account_tie_name(row->is.tie) : cmd_str(c, row->code));
    if (row->sentence.state == TEXT_SET)
        cmd_wrap(c, "    ", row->sentence);
}

/* ---- lists ---- */

struct listing {
    struct cmd *c;
    const struct company *co;
    const struct platform *p;
    struct json_reader *r;
    struct cmd_json *j;
    int64_t most, shown;
};

/* Whether it is theirs says somebody who knows both. */
static void print_in_question(const struct listing *l, const struct show_about *about) {
    struct cmd *c = l->c;
    const struct show_about *other = about->in_question;
    bool named = other->name.state == TEXT_SET, hr = other->person.state == TEXT_SET,
         mail = other->email.state == TEXT_SET;
    const char *resolve =
        arena_printf(&c->words, "rollcall conflict resolve %s/%s %s", cmd_str(c, l->co->key),
                     cmd_str(c, l->p->key), cmd_str(c, about->person));
    cmd_wrap(
        c, "    ",
        text_of(arena_printf(
            &c->words, "account %s%s%s%s%s%s%s%s, %s%s%s", cmd_str(c, other->is->remote_id),
            named ? ": " : "", named ? cmd_str(c, other->name) : "", hr ? " (" : "",
            hr ? cmd_str(c, other->person) : "", hr ? " in HR)" : "", mail ? ", " : "",
            mail ? cmd_str(c, other->email) : "",
            other->is->status == ACCOUNT_ACTIVE ? "open" : account_status_name(other->is->status),
            other->is->role.state == TEXT_SET ? ", role " : "",
            other->is->role.state == TEXT_SET ? cmd_str(c, other->is->role) : "")));
    printf("    it is theirs:           %s link\n    it is somebody else's:  %s ignore\n", resolve,
           resolve);
}

static enum rc_code list_page(struct listing *l, struct account_row *rows, size_t n,
                              struct arena *a) {
    struct cmd *c = l->c;
    for (size_t i = 0; i < n && l->shown < l->most; i++, l->shown++) {
        struct show_about about;
        enum rc_code rc = show_about_asked(c->store, &rows[i], l->co->company_id,
                                           l->p->destination_id, l->r, a, &about, &c->err);
        if (rc != RC_OK)
            return rc;
        if (c->json) {
            show_account(&l->j->w, &rows[i], &about);
            cmd_json_flush(l->j);
        } else {
            print_account(c, &rows[i], &about);
            if (about.in_question != NULL)
                print_in_question(l, &about);
            const char *again = cmd_invite_again(c, l->co, l->p, about.person, &rows[i]);
            if (again != NULL)
                printf("    to ask again:  %s\n", again);
        }
        arena_reset(&c->words);
    }
    return RC_OK;
}

static enum rc_code list_all(struct listing *l, enum account_filter which) {
    RC_CLEANUP(json_reader_freep) struct json_reader *r = json_reader_new(1 << 20);
    struct account_row *rows;
    struct arena a;
    int64_t after = 0;
    size_t n = 0;
    enum rc_code rc = RC_OK;
    l->r = r;
    arena_init(&a);
    do {
        arena_reset(&a);
        rc = account_list(l->c->store, l->co->company_id, l->p->destination_id, which, after,
                          AT_ONCE, &a, &rows, &n, &l->c->err);
        if (rc != RC_OK)
            break;
        if (n > 0)
            after = rows[n - 1].account_id;
        rc = list_page(l, rows, n, &a);
    } while (rc == RC_OK && n == AT_ONCE && l->shown < l->most);
    arena_done(&a);
    return rc;
}

/* Who has left is known by their versions, not by a look at rows. */
static enum cmd_exit list_left(struct cmd *c, const char *ref, bool every) {
    struct account_row *rows;
    struct company co;
    struct platform p;
    struct cmd_json j;
    int64_t total = 0;
    size_t n = 0;
    enum rc_code rc = cmd_platform_of(c, ref, false, &co, &p);
    if (rc != RC_OK || (rc = left_find(c->store, &co, &p, clock_now_us(c->clock), 0,
                                       every || c->json ? SIZE_MAX : SHOWN, &c->arena, &rows, &n,
                                       &total, &c->err)) != RC_OK)
        return cmd_fail(c, rc);
    RC_CLEANUP(json_reader_freep) struct json_reader *r = json_reader_new(1 << 20);
    struct listing l = { .c = c, .co = &co, .p = &p, .r = r, .j = &j, .most = INT64_MAX };
    if (c->json) {
        cmd_json_begin(&j);
        json_put_int(&j.w, "total", total);
        json_array(&j.w, "accounts");
    }
    rc = list_page(&l, rows, n, &c->arena);
    if (c->json) {
        json_array_end(&j.w);
        cmd_json_finish(&j, rc);
    } else if (rc == RC_OK) {
        if (total == 0)
            puts("nobody who left can still sign in");
        if (l.shown < total)
            printf("... and %s more: --all\n", cmd_count(c, total - l.shown));
    }
    return rc == RC_OK ? CMD_OK : cmd_fail(c, rc);
}

/* Beside the accounts that ask. */
struct teams {
    struct team_lost *lost;
    struct accounts_team_wait *waits;
    size_t lost_n, waits_n;
};

static void print_team(struct cmd *c, const struct team_row *t, const char *code,
                       struct text says) {
    printf("team %s  %s\n", cmd_str(c, t->key), code);
    cmd_wrap(c, "    ", says);
}

/* Which of them it is says somebody who knows them. */
static void print_candidates(struct cmd *c, const struct accounts_team_wait *t) {
    for (size_t i = 0; i < t->candidates_n; i++) {
        const struct team_candidate *there = &t->candidates[i];
        bool foreign = there->external_id.state == TEXT_SET;
        printf("      %s  %s  %s%s%s\n", cmd_cell(c, there->id, 12), cmd_str(c, t->is.name),
               there->members_n >= 0 ? cmd_people(c, there->members_n) : "people not known",
               foreign ? "  external id " : "", foreign ? cmd_str(c, there->external_id) : "");
    }
    if (t->is.sought.found > (int64_t)t->candidates_n && t->candidates_n > 0)
        printf("      ... and %s more\n",
               cmd_count(c, t->is.sought.found - (int64_t)t->candidates_n));
}

static void list_teams(struct listing *l, const struct teams *t) {
    struct cmd *c = l->c;
    if (c->json) {
        json_array_end(&l->j->w);
        json_array(&l->j->w, "teams");
    }
    for (size_t i = 0; i < t->lost_n + t->waits_n; i++) {
        const struct team_lost *lost = i < t->lost_n ? &t->lost[i] : NULL;
        const struct accounts_team_wait *waits = lost == NULL ? &t->waits[i - t->lost_n] : NULL;
        if (c->json) {
            lost != NULL ? show_lost_team(&l->j->w, lost, &c->words)
                         : show_waiting_team(&l->j->w, waits, &c->words);
            cmd_json_flush(l->j);
        } else if (lost != NULL)
            print_team(c, &lost->is, "team-deleted-there", show_lost_team_says(lost, &c->words));
        else {
            print_team(c, &waits->is, waits->decision.code,
                       show_waiting_team_says(waits, &c->words));
            print_candidates(c, waits);
        }
        arena_reset(&c->words);
    }
}

static enum rc_code find_teams(struct cmd *c, const struct platform *p, struct teams *ret) {
    enum rc_code rc =
        accounts_lost_teams(c->store, p, &c->arena, &ret->lost, &ret->lost_n, &c->err);
    return rc != RC_OK ? rc
                       : accounts_waiting_teams(c->store, p, &c->arena, &ret->waits, &ret->waits_n,
                                                &c->err);
}

/* Nothing to answer, and nobody else tells of them. */
static enum rc_code print_uninvited(struct cmd *c, const struct company *co,
                                    const struct platform *p) {
    int64_t n;
    enum rc_code rc =
        account_count(c->store, co->company_id, p->destination_id, ACCOUNT_UNINVITED, &n, &c->err);
    if (rc == RC_OK && n > 0)
        printf("%s %s for an invitation that only somebody on the platform can send:  rollcall "
               "accounts list %s/%s --waits\n",
               cmd_count(c, n), n == 1 ? "account waits" : "accounts wait", cmd_str(c, co->key),
               cmd_str(c, p->key));
    return rc;
}

static enum cmd_exit show_list(struct cmd *c, const char *ref, enum account_filter which,
                               const char *key, bool all, const char *none) {
    struct teams teams = { 0 };
    bool conflicts = strcmp(key, "conflicts") == 0;
    struct company co;
    struct platform p;
    struct cmd_json j;
    int64_t total;
    enum rc_code rc = cmd_platform_of(c, ref, false, &co, &p);
    if (rc != RC_OK ||
        (rc = account_count(c->store, co.company_id, p.destination_id, which, &total, &c->err)) !=
            RC_OK ||
        (conflicts && (rc = find_teams(c, &p, &teams)) != RC_OK))
        return cmd_fail(c, rc);
    struct listing l = {
        .c = c, .co = &co, .p = &p, .j = &j, .most = all || c->json ? INT64_MAX : SHOWN
    };
    if (c->json) {
        cmd_json_begin(&j);
        json_put_int(&j.w, "total", total);
        json_array(&j.w, key);
    }
    rc = list_all(&l, which);
    if (rc == RC_OK && conflicts)
        list_teams(&l, &teams);
    if (c->json) {
        json_array_end(&j.w);
        cmd_json_finish(&j, rc);
    } else if (rc == RC_OK) {
        if (total == 0 && teams.lost_n + teams.waits_n == 0)
            puts(none);
        if (l.shown < total)
            printf("... and %s more: --all\n", cmd_count(c, total - l.shown));
        if (conflicts)
            rc = print_uninvited(c, &co, &p);
    }
    return rc == RC_OK ? CMD_OK : cmd_fail(c, rc);
}

enum cmd_exit cmd_accounts_list(struct cmd *c, int argc, char **argv) {
    const char *ref, *unmatched = NULL, *asks = NULL, *waits = NULL, *left = NULL, *all = NULL;
    const struct cmd_option options[] = {
        { "unmatched", NULL, "accounts that are there and are nobody's", .value = &unmatched },
        { "asks", NULL, "those that need somebody's answer", .value = &asks },
        { "waits", NULL, "those that wait for something", .value = &waits },
        { "left", NULL, "those of people who left and can still sign in", .value = &left },
        { "all", NULL, "all of them, however many", .value = &all },
        { 0 }
    };
    if (!cmd_parse(c, argc, argv, options, 1, 1, &ref))
        return CMD_MISUSED;
    if ((unmatched != NULL) + (asks != NULL) + (waits != NULL) + (left != NULL) > 1)
        return cmd_misused(c, "one of --unmatched, --asks, --waits and --left at a time");
    if (left != NULL)
        return list_left(c, ref, all != NULL);
    return show_list(c, ref,
                     unmatched != NULL ? ACCOUNT_UNMATCHED
                     : asks != NULL    ? ACCOUNT_ASKS
                     : waits != NULL   ? ACCOUNT_WAITS
                                       : ACCOUNT_ALL,
                     "accounts", all != NULL, "no such account");
}

enum cmd_exit cmd_conflict_list(struct cmd *c, int argc, char **argv) {
    const char *ref, *all = NULL;
    const struct cmd_option options[] = {
        { "all", NULL, "all of them, however many", .value = &all }, { 0 }
    };
    if (!cmd_parse(c, argc, argv, options, 1, 1, &ref))
        return CMD_MISUSED;
    return show_list(c, ref, ACCOUNT_ASKS, "conflicts", all != NULL, "nothing waits for an answer");
}

/* ---- by hand ---- */

enum rc_code cmd_person_of(struct cmd *c, const struct company *co, const char *what,
                           struct person *ret) {
    const struct show s = cmd_show(c);
    return show_person_find(&s, co->company_id, what, ret, &c->err);
}

static enum cmd_exit said(struct cmd *c, enum rc_code rc, const char *done, const char *text) {
    if (rc != RC_OK)
        return cmd_fail(c, rc);
    if (c->json)
        printf("{\"done\":\"%s\"}\n", done);
    else
        puts(text);
    return CMD_OK;
}

/* About a person, or about a team by its key in HR or its name there. */
static enum rc_code resolve(struct cmd *c, const struct company *co, const struct platform *p,
                            bool team, const char *what, enum accounts_answer answer,
                            const char *id, struct text *ret_overwrites) {
    struct accounts_context x = cmd_accounts(c, co, p);
    const struct show s = cmd_show(c);
    struct person who = { 0 };
    enum rc_code rc =
        team ? show_team_find(&s, co->company_id, p->destination_id, what, &who.user_id, &c->err)
             : cmd_person_of(c, co, what, &who);
    if (rc != RC_OK)
        return rc;
    if (!team)
        return accounts_resolve(&x, who.user_id, answer, NULL, &c->err);
    return id != NULL ? accounts_link_team(&x, who.user_id, text_of(id), &c->arena, ret_overwrites,
                                           &c->err)
                      : accounts_resolve_team(&x, who.user_id, answer, &c->err);
}

enum cmd_exit cmd_conflict_resolve(struct cmd *c, int argc, char **argv) {
    const char *args[4] = { NULL }, *team = NULL;
    struct text overwrites = { 0 };
    const struct cmd_option options[] = {
        { "team", NULL, "a team is named, not a person", .value = &team }, { 0 }
    };
    struct company co;
    struct platform p;
    int answer = 0;
    enum rc_code rc;
    if (!cmd_parse(c, argc, argv, options, 3, 4, args))
        return CMD_MISUSED;
    while (answer < ACCOUNTS_ANSWERS_N &&
           strcmp(args[2], accounts_answer_name((enum accounts_answer)answer)) != 0)
        answer++;
    if (answer == ACCOUNTS_ANSWERS_N)
        return cmd_misused(c, "\"%.40s\" is no answer: approve, link, create or ignore", args[2]);
    if (args[3] != NULL && (team == NULL || answer != ACCOUNTS_LINK))
        return cmd_misused(c, "an id is said with link and --team alone: that of the team there");
    if ((rc = cmd_platform_of(c, args[0], false, &co, &p)) != RC_OK)
        return cmd_fail(c, rc);
    rc = resolve(c, &co, &p, team != NULL, args[1], (enum accounts_answer)answer, args[3],
                 &overwrites);
    return said(
        c, rc, args[2],
        arena_printf(&c->arena, "noted: %s. The next delivery goes by it%s%s%s", args[2],
                     overwrites.state == TEXT_SET ? ", and overwrites the external id " : "",
                     overwrites.state == TEXT_SET ? cmd_str(c, overwrites) : "",
                     overwrites.state == TEXT_SET ? " that the team there carries" : ""));
}

static enum cmd_exit tied(struct cmd *c, enum rc_code rc, const struct accounts_tie *t,
                          const char *done, const char *is, const char *then) {
    struct cmd_json j;
    if (rc != RC_OK)
        return cmd_fail(c, rc);
    if (c->json) {
        cmd_json_begin(&j);
        json_put_cstr(&j.w, "done", done);
        show_tie(&j.w, t);
        cmd_json_end(&j);
    } else {
        struct text account = accounts_tie_account(t, &c->arena),
                    person = accounts_tie_person(t, &c->arena);
        cmd_wrap(c, "",
                 text_of(arena_printf(&c->arena, "%.*s, %s %.*s%s", TEXT_ARG(account), is,
                                      TEXT_ARG(person), then)));
    }
    return CMD_OK;
}

enum cmd_exit cmd_accounts_link(struct cmd *c, int argc, char **argv) {
    const char *args[3], *confirm = NULL;
    const struct cmd_option options[] = {
        { "confirm", NULL, "yes, also if it is protected, under another name, or of somebody gone",
          .value = &confirm },
        { 0 }
    };
    struct accounts_tie tie;
    struct company co;
    struct platform p;
    struct person who;
    enum rc_code rc;
    if (!cmd_parse(c, argc, argv, options, 3, 3, args))
        return CMD_MISUSED;
    if ((rc = cmd_platform_of(c, args[0], false, &co, &p)) != RC_OK ||
        (rc = cmd_person_of(c, &co, args[2], &who)) != RC_OK)
        return cmd_fail(c, rc);
    struct accounts_context x = cmd_accounts(c, &co, &p);
    rc =
        accounts_link(&x, text_of(args[1]), who.user_id, confirm != NULL, &c->arena, &tie, &c->err);
    return tied(c, rc, &tie, "link", "is from now on that of",
                "; the next delivery brings it in step");
}

enum cmd_exit cmd_accounts_unlink(struct cmd *c, int argc, char **argv) {
    const struct cmd_option options[] = { { 0 } };
    struct accounts_tie tie;
    const char *args[2];
    struct company co;
    struct platform p;
    enum rc_code rc;
    if (!cmd_parse(c, argc, argv, options, 2, 2, args))
        return CMD_MISUSED;
    if ((rc = cmd_platform_of(c, args[0], false, &co, &p)) != RC_OK)
        return cmd_fail(c, rc);
    struct accounts_context x = cmd_accounts(c, &co, &p);
    rc = accounts_unlink(&x, text_of(args[1]), &c->arena, &tie, &c->err);
    return tied(c, rc, &tie, "unlink", "stays as it is and is left alone: it is no longer that of",
                "");
}

/* The accounts named behind the destination. */
static size_t named(const char *const *args, struct text *ret) {
    size_t n = 0;
    for (; n < NAMED_MAX && args[n + 1] != NULL; n++)
        ret[n] = text_of(args[n + 1]);
    return n;
}

enum cmd_exit cmd_accounts_ignore(struct cmd *c, int argc, char **argv) {
    const char *args[NAMED_MAX + 2] = { NULL }, *no_longer = NULL;
    const struct cmd_option options[] = {
        { "no-longer", NULL, "they are looked at again like any other", .value = &no_longer }, { 0 }
    };
    struct text ids[NAMED_MAX];
    struct company co;
    struct platform p;
    enum rc_code rc;
    if (!cmd_parse(c, argc, argv, options, 2, NAMED_MAX + 1, args))
        return CMD_MISUSED;
    size_t n = named(args, ids);
    if ((rc = cmd_platform_of(c, args[0], false, &co, &p)) != RC_OK)
        return cmd_fail(c, rc);
    struct accounts_context x = cmd_accounts(c, &co, &p);
    return said(c, accounts_ignore(&x, ids, n, no_longer == NULL, &c->err), "ignore",
                no_longer == NULL ? "left alone from now on, whatever HR says"
                                  : "no longer left alone");
}

enum cmd_exit cmd_accounts_close(struct cmd *c, int argc, char **argv) {
    const char *args[NAMED_MAX + 2] = { NULL }, *confirm = NULL;
    const struct cmd_option options[] = {
        { "confirm", "N", "how many are named: yes, all of them", .value = &confirm }, { 0 }
    };
    struct text ids[NAMED_MAX];
    struct company co;
    struct platform p;
    int64_t closed = 0;
    char *end = NULL;
    enum rc_code rc;
    if (!cmd_parse(c, argc, argv, options, 2, NAMED_MAX + 1, args))
        return CMD_MISUSED;
    size_t n = named(args, ids);
    if (confirm == NULL || strtoull(confirm, &end, 10) != n || *end != '\0' || end == confirm)
        return cmd_misused(c,
                           "this deactivates %zu %s on the platform, of which none is anybody's in "
                           "HR as far as we know; if that is meant, say --confirm %zu",
                           n, n == 1 ? "account" : "accounts", n);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < i; k++)
            if (text_equal(ids[i], ids[k]))
                return cmd_misused(c, "account %.60s is named twice", ids[i].ptr);
    if ((rc = cmd_platform_of(c, args[0], true, &co, &p)) != RC_OK)
        return cmd_fail(c, rc);
    struct accounts_context x = cmd_accounts(c, &co, &p);
    rc = accounts_close(&x, ids, n, &closed, &c->err);
    if (rc != RC_OK && closed > 0)
        rc = rc_context(&c->err, rc, "%lld closed, then", (long long)closed);
    if (rc != RC_OK)
        return cmd_fail(c, rc);
    if (c->json)
        printf("{\"closed\":%lld}\n", (long long)closed);
    else
        printf("%lld deactivated\n", (long long)closed);
    return CMD_OK;
}
