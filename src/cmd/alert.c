/* alert: what people are told of by e-mail, whom, and whether mails arrive at all. */
#include <stdlib.h>
#include <string.h>
#include "cmd/cmd.h"
#include "cmd/mail_options.h"
#include "store/alert.h"
#include "store/platform.h"
#include "sync/alerts_text.h"
#include "sync/cause.h"

static const int64_t day_us = INT64_C(86400000000);

/* ---- list ---- */

struct company_alerts {
    struct company *co;
    struct alert *alerts;
    struct alert_mail *mails;
    struct text *to;
    size_t alerts_n, mails_n, to_n;
};

static enum rc_code load(struct cmd *c, struct company *co, struct company_alerts *ret) {
    int64_t id = co->company_id;
    enum rc_code rc;
    *ret = (struct company_alerts){ .co = co };
    if ((rc = alert_list(c->store, id, &c->arena, &ret->alerts, &ret->alerts_n, &c->err)) !=
            RC_OK ||
        (rc = alert_mail_list(c->store, id, &c->arena, &ret->mails, &ret->mails_n, &c->err)) !=
            RC_OK)
        return rc;
    return alert_to_list(c->store, id, &c->arena, &ret->to, &ret->to_n, &c->err);
}

static enum rc_code key_of(struct cmd *c, const struct alert *al, struct text *ret) {
    struct integration in;
    struct platform p;
    enum rc_code rc =
        integration_get(c->store, al->company_id, al->subject_id, NULL, &c->arena, &in, &c->err);
    if (rc == RC_OK)
        *ret = in.key;
    if (rc == RC_NOT_FOUND && (rc = platform_get(c->store, al->company_id, al->subject_id, NULL,
                                                 &c->arena, &p, &c->err)) == RC_OK)
        *ret = p.key;
    return rc;
}

static bool is_of(const struct alert_mail *m, const struct alert *al) {
    return m->subject_id == al->subject_id && text_equal(m->cause, al->cause);
}

static void put_time(struct json_writer *w, const char *key, int64_t at_us) {
    char at[32];
    json_put_cstr(w, key, at_us != 0 ? date_format_instant(at_us, at) : NULL);
}

static void json_alert(struct json_writer *w, const struct company_alerts *all,
                       const struct alert *al, struct text key) {
    json_object(w, NULL);
    json_put_text(w, "company", all->co->key);
    json_put_text(w, "subject", key);
    json_put_text(w, "cause", al->cause);
    al->run_id != 0 ? json_put_int(w, "run", al->run_id) : json_put_null(w, "run");
    put_time(w, "since", al->since_us);
    put_time(w, "told_at", al->told_us);
    json_put_int(w, "told", al->told_n);
    put_time(w, "over_at", al->over_us);
    put_time(w, "muted_until", al->muted_us);
    json_array(w, "mails");
    for (size_t i = 0; i < all->mails_n; i++) {
        const struct alert_mail *m = &all->mails[i];
        if (!is_of(m, al))
            continue;
        json_object(w, NULL);
        json_put_text(w, "to", m->recipient);
        json_put_cstr(w, "kind", alert_mail_kind_name(m->kind));
        json_put_cstr(w, "state", alert_mail_state_name(m->state));
        json_put_int(w, "tries", m->tries);
        json_put_text(w, "answer", m->answer.state == TEXT_SET ? m->answer : TEXT_NONE);
        json_object_end(w);
    }
    json_array_end(w);
    json_object_end(w);
}

static void print_alert(struct cmd *c, const struct company_alerts *all, const struct alert *al,
                        struct text key) {
    printf("%s/%s  %s since %s", cmd_str(c, all->co->key), cmd_str(c, key), cmd_str(c, al->cause),
           cmd_when(c, al->since_us));
    if (al->over_us != 0)
        printf(", over %s", cmd_when(c, al->over_us));
    if (al->muted_us > clock_now_us(c->clock))
        printf(", muted until %s", cmd_when(c, al->muted_us));
    puts(al->told_n == 0 && al->over_us == 0 ? ", nobody told" : "");
    for (size_t i = 0; i < all->mails_n; i++) {
        const struct alert_mail *m = &all->mails[i];
        if (is_of(m, al))
            printf("  %-4s %-40s %s%s%s\n", alert_mail_kind_name(m->kind), cmd_str(c, m->recipient),
                   alert_mail_state_name(m->state), m->answer.state == TEXT_SET ? ": " : "",
                   cmd_str(c, m->answer));
    }
}

static void print_whom(struct cmd *c, const struct company_alerts *all) {
    printf("%s tells ", cmd_str(c, all->co->key));
    for (size_t i = 0; i < all->to_n; i++)
        printf("%s%s", i > 0 ? ", " : "", cmd_str(c, all->to[i]));
    if (all->to_n == 0)
        printf("nobody of its own: rollcall alert set %s --to ADDRESS", cmd_str(c, all->co->key));
    putchar('\n');
}

enum cmd_exit cmd_alert_list(struct cmd *c, int argc, char **argv) {
    const char *every = NULL, *key = NULL;
    const struct cmd_option options[] = { { "all", NULL, "also what is over", .value = &every },
                                          { 0 } };
    struct company one, *companies = &one;
    struct cmd_json j;
    size_t n = 1;
    enum rc_code rc;
    if (!cmd_parse(c, argc, argv, options, 0, 1, &key))
        return CMD_MISUSED;
    if ((rc = cmd_open(c)) != RC_OK ||
        (rc = key != NULL ? cmd_company_of(c, key, &one, NULL)
                          : company_list(c->store, &c->arena, &companies, &n, &c->err)) != RC_OK)
        return cmd_fail(c, rc);
    if (c->json) {
        cmd_json_begin(&j);
        json_array(&j.w, "alerts");
    }
    for (size_t i = 0; i < n && rc == RC_OK; i++) {
        struct company_alerts all;
        if ((rc = load(c, &companies[i], &all)) == RC_OK && !c->json)
            print_whom(c, &all);
        for (size_t k = 0; k < all.alerts_n && rc == RC_OK; k++) {
            struct text about;
            if ((every == NULL && all.alerts[k].over_us != 0) ||
                (rc = key_of(c, &all.alerts[k], &about)) != RC_OK)
                continue;
            c->json ? json_alert(&j.w, &all, &all.alerts[k], about)
                    : print_alert(c, &all, &all.alerts[k], about);
        }
    }
    if (c->json) {
        json_array_end(&j.w);
        if (rc == RC_OK)
            cmd_json_end(&j);
        else
            buf_done(&j.buf);
    }
    return rc == RC_OK ? CMD_OK : cmd_fail(c, rc);
}

/* ---- set ---- */

static enum rc_code save_addresses(struct cmd *c, const struct company *co,
                                   const struct cmd_list *to) {
    enum rc_code rc = db_begin(c->store->db, &c->err);
    if (rc != RC_OK)
        return rc;
    if ((rc = alert_to_set(c->store, co->company_id, to->items, to->n, &c->err)) == RC_OK &&
        (rc = audit_add(c->store, co->company_id, clock_now_us(c->clock), cmd_who(c),
                        arena_printf(&c->arena, "%zu addresses for alerts", to->n), &c->err)) ==
            RC_OK)
        return db_commit(c->store->db, &c->err);
    db_rollback(c->store->db);
    return rc;
}

enum cmd_exit cmd_alert_set(struct cmd *c, int argc, char **argv) {
    struct cmd_list to = { .n = 0 };
    const struct cmd_option options[] = {
        { "to", "ADDRESS", "may be given again; \"off\": nobody", .list = &to }, { 0 }
    };
    struct company_alerts all;
    const char *key;
    struct company co;
    enum rc_code rc;
    if (!cmd_parse(c, argc, argv, options, 1, 1, &key))
        return CMD_MISUSED;
    if (to.n == 0)
        return cmd_misused(c, "say whom: --to ADDRESS, or --to off");
    if (to.n > ALERT_TO_MOST)
        return cmd_misused(c, "a company has %d addresses at most", ALERT_TO_MOST);
    if (to.n == 1 && strcmp(to.items[0], "off") == 0)
        to.n = 0;
    for (size_t i = 0; i < to.n; i++) {
        if (mail_address_check(to.items[i], &c->err) != RC_OK)
            return cmd_misused(c, "\"%.100s\": %s", to.items[i],
                               arena_printf(&c->arena, "%s", c->err.text));
        for (size_t k = 0; k < i; k++)
            if (strcmp(to.items[i], to.items[k]) == 0)
                return cmd_misused(c, "%.100s is given twice", to.items[i]);
    }
    if ((rc = cmd_company_of(c, key, &co, NULL)) != RC_OK ||
        (rc = save_addresses(c, &co, &to)) != RC_OK || (rc = load(c, &co, &all)) != RC_OK)
        return cmd_fail(c, rc);
    if (c->json) {
        struct cmd_json j;
        cmd_json_begin(&j);
        json_array(&j.w, "to");
        for (size_t i = 0; i < all.to_n; i++)
            json_put_text(&j.w, NULL, all.to[i]);
        json_array_end(&j.w);
        cmd_json_end(&j);
    } else
        print_whom(c, &all);
    return CMD_OK;
}

/* ---- mute ---- */

static enum rc_code subject_of(struct cmd *c, const struct company *co, const char *key,
                               int64_t *ret) {
    struct integration in;
    struct platform p;
    enum rc_code rc =
        integration_find(c->store, co->company_id, key, NULL, &c->arena, &in, &c->err);
    if (rc == RC_OK)
        *ret = in.integration_id;
    if (rc == RC_NOT_FOUND &&
        (rc = platform_find(c->store, co->company_id, key, NULL, &c->arena, &p, &c->err)) == RC_OK)
        *ret = p.destination_id;
    if (rc == RC_NOT_FOUND)
        rc_fail_as(&c->err, rc, "alert.unknown",
                   "company %s has neither an integration nor a destination \"%.60s\"",
                   cmd_str(c, co->key), key);
    return rc;
}

enum cmd_exit cmd_alert_mute(struct cmd *c, int argc, char **argv) {
    enum { DAYS_MOST = 90 };
    const char *days = NULL, *args[2], *key, *end;
    const struct cmd_option options[] = {
        { "days", "N", "for how long, 1 to 90; 0: no longer", .value = &days }, { 0 }
    };
    struct company co;
    int64_t subject_id = 0;
    enum rc_code rc;
    if (!cmd_parse(c, argc, argv, options, 2, 2, args))
        return CMD_MISUSED;
    long n = days != NULL ? strtol(days, (char **)(uintptr_t)&end, 10) : -1;
    if (n < 0 || n > DAYS_MOST || days[0] < '0' || days[0] > '9' || *end != '\0')
        return cmd_misused(c, "say for how long: --days N, 1 to %d, or 0 to hear of it again",
                           DAYS_MOST);
    if (cause_parse(text_of(args[1])) == CAUSES_N)
        return cmd_misused(
            c, "\"%.40s\" is no cause; `rollcall alert list` shows those that are true", args[1]);
    int64_t until_us = n > 0 ? clock_now_us(c->clock) + n * day_us : 0;
    if ((rc = cmd_company_of(c, args[0], &co, &key)) != RC_OK ||
        (rc = subject_of(c, &co, key, &subject_id)) != RC_OK ||
        (rc = alert_mute(c->store, co.company_id, subject_id, args[1], until_us, &c->err)) !=
            RC_OK ||
        (rc = audit_add(
             c->store, co.company_id, clock_now_us(c->clock), cmd_who(c),
             arena_printf(&c->arena, "alert %s of %s muted for %ld days", args[1], key, n),
             &c->err)) != RC_OK)
        return cmd_fail(c, rc);
    if (c->json) {
        struct cmd_json j;
        cmd_json_begin(&j);
        put_time(&j.w, "muted_until", until_us);
        cmd_json_end(&j);
    } else if (n > 0)
        printf("nobody is told of %s at %s before %s, nor that it is over\n", args[1], args[0],
               cmd_when(c, until_us));
    else
        printf("%s at %s is told again\n", args[1], args[0]);
    return CMD_OK;
}

/* ---- test ---- */

enum cmd_exit cmd_alert_test(struct cmd *c, int argc, char **argv) {
    struct mail_options mail = { 0 };
    struct mail_server server;
    const char *to = NULL, *none;
    const struct cmd_option options[] = { { "to", "ADDRESS", "who gets it", .value = &to },
                                          MAIL_OPTIONS(mail),
                                          { 0 } };
    char answer[MAIL_ANSWER_BYTES] = "";
    bool given = false;
    enum rc_code rc;
    if (!cmd_parse(c, argc, argv, options, 0, 0, &none))
        return CMD_MISUSED;
    if (to == NULL)
        return cmd_misused(c, "say who gets it: --to ADDRESS");
    if ((rc = mail_address_check(to, &c->err)) != RC_OK ||
        (rc = mail_options_take(c, &mail, &server, &given)) != RC_OK)
        return cmd_misused(c, "%s", arena_printf(&c->arena, "%s", c->err.text));
    if (!given)
        return cmd_misused(c, "no mail server is named: --smtp URL, or ROLLCALL_SMTP_URL");
    struct alerts_text t = alerts_text_test(&c->arena);
    struct mail m = { .to = to,
                      .subject = t.subject,
                      .text = t.text,
                      .id = arena_printf(&c->arena, "test.%lld", (long long)clock_now_us(c->clock)),
                      .date_us = clock_now_us(c->clock) };
    if ((rc = mail_send(&server, &m, c->clock, answer, &c->err)) != RC_OK) {
        if (answer[0] != '\0' && !c->json)
            fprintf(stderr, "rollcall: the mail server said: %s\n", answer);
        return cmd_fail(c, rc);
    }
    if (c->json) {
        struct cmd_json j;
        cmd_json_begin(&j);
        json_put_cstr(&j.w, "answer", answer);
        cmd_json_end(&j);
    } else
        printf("the mail server took it: %s\n", answer);
    return CMD_OK;
}
