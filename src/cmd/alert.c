/* alert: what people are told of by e-mail, whom, and whether mails arrive at all. */
#include <stdlib.h>
#include <string.h>
#include "cmd/cmd.h"
#include "cmd/mail_options.h"
#include "show/alert.h"
#include "sync/alerts_set.h"
#include "sync/alerts_text.h"
#include "sync/cause.h"

/* ---- list ---- */

static void print_alert(struct cmd *c, const struct show_alerts *all, const struct alert *al,
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
        if (show_alert_is_of(m, al))
            printf("  %-4s %-40s %s%s%s\n", alert_mail_kind_name(m->kind), cmd_str(c, m->recipient),
                   alert_mail_state_name(m->state), m->answer.state == TEXT_SET ? ": " : "",
                   cmd_str(c, m->answer));
    }
}

static void print_whom(struct cmd *c, const struct show_alerts *all) {
    printf("%s tells ", cmd_str(c, all->co->key));
    for (size_t i = 0; i < all->to_n; i++)
        printf("%s%s", i > 0 ? ", " : "", cmd_str(c, all->to[i]));
    if (all->to_n == 0)
        printf("nobody of its own: rollcall alert set %s --to ADDRESS", cmd_str(c, all->co->key));
    putchar('\n');
}

/* self: a const char *, set where what is over is listed, too */
static enum rc_code list_company(struct cmd *c, const struct company *co, const void *self,
                                 struct cmd_json *j) {
    const char *const *every = self;
    const struct show s = cmd_show(c);
    struct show_alerts all;
    enum rc_code rc = show_alerts_load(&s, co, &all, &c->err);
    if (rc != RC_OK)
        return rc;
    if (!c->json)
        print_whom(c, &all);
    for (size_t i = 0; i < all.alerts_n && rc == RC_OK; i++) {
        struct text about;
        if ((*every == NULL && all.alerts[i].over_us != 0) ||
            (rc = show_alert_subject(&s, &all.alerts[i], &about, &c->err)) != RC_OK)
            continue;
        c->json ? show_alert(&j->w, &all, &all.alerts[i], about, true)
                : print_alert(c, &all, &all.alerts[i], about);
    }
    return rc;
}

enum cmd_exit cmd_alert_list(struct cmd *c, int argc, char **argv) {
    const char *every = NULL;
    const struct cmd_option options[] = { { "all", NULL, "also what is over", .value = &every },
                                          { 0 } };
    return cmd_list(c, argc, argv, options, "alerts", list_company, &every);
}

/* ---- set ---- */

enum cmd_exit cmd_alert_set(struct cmd *c, int argc, char **argv) {
    struct cmd_list to = { .n = 0 };
    const struct cmd_option options[] = {
        { "to", "ADDRESS", "may be given again; \"off\": nobody", .list = &to }, { 0 }
    };
    struct show_alerts all;
    const char *key;
    struct company co;
    enum rc_code rc;
    if (!cmd_parse(c, argc, argv, options, 1, 1, &key))
        return CMD_MISUSED;
    if (to.n == 0)
        return cmd_misused(c, "say whom: --to ADDRESS, or --to off");
    if (to.n == 1 && strcmp(to.items[0], "off") == 0)
        to.n = 0;
    if ((rc = cmd_company_of(c, key, &co, NULL)) != RC_OK)
        return cmd_fail(c, rc);
    const struct show s = cmd_show(c);
    rc = alerts_set_to(c->store, &co, to.items, to.n, cmd_who(c), clock_now_us(c->clock), &c->err);
    if (rc == RC_INVALID)
        return cmd_misused(c, "%s", arena_printf(&c->arena, "%s", c->err.text));
    if (rc != RC_OK || (rc = show_alerts_load(&s, &co, &all, &c->err)) != RC_OK)
        return cmd_fail(c, rc);
    if (c->json) {
        struct cmd_json j;
        cmd_json_begin(&j);
        show_alert_to(&j.w, &all);
        cmd_json_end(&j);
    } else
        print_whom(c, &all);
    return CMD_OK;
}

/* ---- mute ---- */

enum cmd_exit cmd_alert_mute(struct cmd *c, int argc, char **argv) {
    const char *days = NULL, *args[2], *key, *end;
    const struct cmd_option options[] = {
        { "days", "N", "for how long, 1 to 90; 0: no longer", .value = &days }, { 0 }
    };
    struct company co;
    int64_t until_us = 0;
    enum rc_code rc;
    if (!cmd_parse(c, argc, argv, options, 2, 2, args))
        return CMD_MISUSED;
    long n = days != NULL ? strtol(days, (char **)(uintptr_t)&end, 10) : -1;
    if (n < 0 || n > ALERTS_MUTE_DAYS_MOST || days[0] < '0' || days[0] > '9' || *end != '\0')
        return cmd_misused(c, "say for how long: --days N, 1 to %d, or 0 to hear of it again",
                           ALERTS_MUTE_DAYS_MOST);
    if (cause_parse(text_of(args[1])) == CAUSES_N)
        return cmd_misused(
            c, "\"%.40s\" is no cause; `rollcall alert list` shows those that are true", args[1]);
    if ((rc = cmd_company_of(c, args[0], &co, &key)) != RC_OK ||
        (rc = alerts_mute(c->store, &co, key, args[1], n, cmd_who(c), clock_now_us(c->clock),
                          &c->arena, &until_us, &c->err)) != RC_OK)
        return cmd_fail(c, rc);
    if (c->json) {
        struct cmd_json j;
        cmd_json_begin(&j);
        show_put_when(&j.w, "muted_until", until_us);
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
