/* alerts_send.c - what waits is sent. That it is about to be tried is written down before, with the time of
 * the next try, so that what ends the process with each try does not do so in a loop. */
#include <stdio.h>
#include <string.h>
#include "base/log.h"
#include "sync/alerts_p.h"
#include "sync/alerts_text.h"

static const int64_t second_us = 1000000;

static bool is_to_be_sent(const struct alerts_state *s, const struct alert_mail *m) {
    struct alerts_row *r =
        alerts_row_of((struct alerts_state *)(uintptr_t)s, m->subject_id, m->cause);
    return m->state == ALERT_MAIL_WAITING && m->try_us <= s->now_us && r != NULL &&
           !alerts_is_muted(s, &r->is);
}

static bool may_ask(const struct alerts_state *s, const struct alerts_server *server) {
    return s->o->server != NULL && clock_monotonic_us(s->clock) >= server->not_before_us;
}

bool alerts_any_to_send(const struct alerts_state *s, const struct alerts_server *server) {
    for (size_t i = 0; i < s->mails_n && may_ask(s, server); i++)
        if (is_to_be_sent(s, &s->mails[i].is))
            return true;
    return false;
}

static int64_t pause_s(int64_t tries) {
    int64_t s = ALERTS_PAUSE_S;
    for (; tries > 1 && s < ALERTS_PAUSE_MOST_S; tries--)
        s *= 2;
    return s < ALERTS_PAUSE_MOST_S ? s : ALERTS_PAUSE_MOST_S;
}

/* ---- one mail ---- */

static enum rc_code save(struct alerts_state *s, const struct alert_mail *m, struct lease *lease,
                         struct rc_error *err) {
    enum rc_code rc = db_begin(s->st->db, err);
    if (rc != RC_OK)
        return rc;
    if ((rc = lease_hold(s->st, lease, clock_now_us(s->clock), err)) == RC_OK &&
        (rc = alert_mail_save(s->st, m, err)) == RC_OK)
        return db_commit(s->st->db, err);
    db_rollback(s->st->db);
    return rc;
}

/* The same for the same mail, however often it is sent: whoever gets it twice can see so. */
static const char *id_of(const struct alerts_state *s, const struct alert *al,
                         const struct alert_mail *m) {
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < m->recipient.len; i++)
        hash = (hash ^ (unsigned char)m->recipient.ptr[i]) * 16777619u;
    return arena_printf(s->arena, "alert.%lld.%lld.%.*s.%lld.%lld.%s.%08x",
                        (long long)al->company_id, (long long)al->subject_id, TEXT_ARG(al->cause),
                        (long long)(al->since_us / second_us), (long long)al->told_n,
                        alert_mail_kind_name(m->kind), hash);
}

static enum rc_code compose(struct alerts_state *s, const struct alert *al,
                            const struct alert_mail *m, struct mail *ret, struct rc_error *err) {
    struct alerts_text t = { 0 };
    const struct cause_found *found = alerts_found(s, al);
    enum rc_code rc = m->kind == ALERT_MAIL_OVER || found == NULL
                          ? alerts_text_over(s->st, s->co, al, s->now_us, s->arena, &t, err)
                          : alerts_text_open(s->st, s->co, al, found, m->to_operator, s->now_us,
                                             s->arena, &t, err);
    if (rc == RC_OK)
        *ret = (struct mail){ .to = arena_str(s->arena, m->recipient.ptr, m->recipient.len),
                              .subject = t.subject,
                              .text = t.text,
                              .id = id_of(s, al, m),
                              .date_us = clock_now_us(s->clock) };
    return rc;
}

static void log_mail(const struct alerts_state *s, const struct alert_mail *m, const char *what,
                     const struct rc_error *err) {
    char to[64], text[500];
    text_mask_email(m->recipient, to);
    if (err == NULL)
        log_info("company=%.*s mail=%s kind=%s cause=%.*s to=%s", TEXT_ARG(s->co->key), what,
                 alert_mail_kind_name(m->kind), TEXT_ARG(m->cause), to);
    else
        log_error("company=%.*s mail=%s kind=%s cause=%.*s to=%s name=%s text=%s",
                  TEXT_ARG(s->co->key), what, alert_mail_kind_name(m->kind), TEXT_ARG(m->cause), to,
                  err->name, log_quote(err->text, text, sizeof text));
}

/* An address that is wrong must not mean that nobody hears of it. */
static void tell_operator_instead(struct alerts_state *s, const struct alert *al,
                                  const struct alert_mail *m) {
    const char *operator_address = s->o->operator_address;
    if (m->to_operator || m->kind != ALERT_MAIL_OPEN || operator_address == NULL)
        return;
    for (size_t i = 0; i < s->mails_n; i++) {
        const struct alert_mail *other = &s->mails[i].is;
        if (other->subject_id == m->subject_id && text_equal(other->cause, m->cause) &&
            other->kind == ALERT_MAIL_OPEN && text_is(other->recipient, operator_address) &&
            other->made_us >= m->made_us)
            return; /* is told already */
    }
    alerts_mail_make(s, al, text_of(operator_address), true, ALERT_MAIL_OPEN);
}

/* ---- the server ---- */

/* Neither this mail nor another one would be taken now. */
static bool is_the_server(enum rc_code rc, const struct rc_error *err) {
    return rc == RC_AUTH || (rc == RC_RETRY && strcmp(err->name, "mail.later") != 0);
}

static void server_failed(struct alerts_state *s, struct alerts_server *server,
                          const struct rc_error *err) {
    char text[500];
    int64_t next_s = server->pause_s == 0 ? ALERTS_PAUSE_S : server->pause_s * 2;
    server->pause_s = next_s < ALERTS_PAUSE_MOST_S ? next_s : ALERTS_PAUSE_MOST_S;
    server->not_before_us = clock_monotonic_us(s->clock) + server->pause_s * second_us;
    if (!server->is_silent)
        log_error("mail=waits name=%s text=%s", err->name, log_quote(err->text, text, sizeof text));
    server->is_silent = true;
}

static void server_works(struct alerts_server *server) {
    if (server->is_silent)
        log_info("mail=works-again");
    *server = (struct alerts_server){ 0 };
}

/* False: no more is to be tried now. */
static bool take_outcome(struct alerts_state *s, const struct alert *al, struct alert_mail *m,
                         struct alerts_server *server, enum rc_code rc, const char *answer,
                         const struct rc_error *err) {
    struct text said = text_of(answer[0] != '\0' ? answer : err->text);
    bool was_unsure = m->arrived && text_equal(m->answer, said);
    m->answer = text_copy(s->arena, said);
    if (rc == RC_OK || (rc == RC_UNSURE && was_unsure)) { /* twice is enough */
        m->state = ALERT_MAIL_SENT;
        m->arrived = true;
        log_mail(s, m, "sent", NULL);
    } else if (rc == RC_INVALID) {
        m->state = ALERT_MAIL_REFUSED;
        log_mail(s, m, "refused", err);
        tell_operator_instead(s, al, m);
    } else if (rc == RC_UNSURE)
        m->arrived = true; /* perhaps: it is sent once more, and its end is told */
    else if (is_the_server(rc, err)) {
        server_failed(s, server, err);
        return false;
    }
    if (rc != RC_UNSURE)
        server_works(server);
    return true;
}

static enum rc_code send_one(struct alerts_state *s, size_t i, struct alerts_server *server,
                             struct lease *lease, bool *ret_go_on, struct rc_error *err) {
    char answer[MAIL_ANSWER_BYTES] = "";
    struct rc_error why = { .name = "" };
    struct alert_mail m = s->mails[i].is;
    const struct alert *al = &alerts_row_of(s, m.subject_id, m.cause)->is;
    struct mail mail;
    m.tries++;
    m.try_us = clock_now_us(s->clock) + pause_s(m.tries) * second_us;
    enum rc_code rc = compose(s, al, &m, &mail, err);
    if (rc == RC_NOT_FOUND) { /* what it was about has just been removed; others wait behind it */
        m.state = ALERT_MAIL_DROPPED;
        s->mails[i].is = m;
        return save(s, &m, lease, err);
    }
    if (rc != RC_OK || (rc = save(s, &m, lease, err)) != RC_OK)
        return rc;
    enum rc_code sent = mail_send(s->o->server, &mail, s->clock, answer, &why);
    *ret_go_on = take_outcome(s, al, &m, server, sent, answer, &why);
    s->mails[i].is = m;
    rc = save(s, &m, lease, err);
    for (size_t k = 0; k < s->mails_n && rc == RC_OK; k++) /* the operator's, instead */
        if (s->mails[k].changed) {
            rc = save(s, &s->mails[k].is, lease, err);
            s->mails[k].changed = false;
        }
    return rc;
}

enum rc_code alerts_send(struct alerts_state *s, struct alerts_server *server, struct lease *lease,
                         struct rc_error *err) {
    bool go_on = may_ask(s, server);
    enum rc_code rc = RC_OK;
    for (size_t i = 0; i < s->mails_n && go_on && rc == RC_OK && !clock_is_ending(s->clock); i++)
        if (is_to_be_sent(s, &s->mails[i].is))
            rc = send_one(s, i, server, lease, &go_on, err);
    return rc;
}
