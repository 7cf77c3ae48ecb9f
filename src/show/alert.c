#include "show/alert.h"

enum rc_code show_alerts_load(const struct show *s, const struct company *co,
                              struct show_alerts *ret, struct rc_error *err) {
    int64_t id = co->company_id;
    enum rc_code rc;
    *ret = (struct show_alerts){ .co = co };
    if ((rc = alert_list(s->st, id, s->arena, &ret->alerts, &ret->alerts_n, err)) != RC_OK ||
        (rc = alert_mail_list(s->st, id, s->arena, &ret->mails, &ret->mails_n, err)) != RC_OK)
        return rc;
    return alert_to_list(s->st, id, s->arena, &ret->to, &ret->to_n, err);
}

enum rc_code show_alert_subject(const struct show *s, const struct alert *al, struct text *ret,
                                struct rc_error *err) {
    struct integration in;
    struct platform p;
    enum rc_code rc =
        integration_get(s->st, al->company_id, al->subject_id, NULL, s->arena, &in, err);
    if (rc == RC_OK)
        *ret = in.key;
    if (rc == RC_NOT_FOUND && (rc = platform_get(s->st, al->company_id, al->subject_id, NULL,
                                                 s->arena, &p, err)) == RC_OK)
        *ret = p.key;
    return rc;
}

bool show_alert_is_of(const struct alert_mail *m, const struct alert *al) {
    return m->subject_id == al->subject_id && text_equal(m->cause, al->cause);
}

static void put_mail(struct json_writer *w, const struct alert_mail *m, bool with_whom) {
    json_object(w, NULL);
    show_put_text(w, "to", with_whom ? m->recipient : (struct text){ 0 });
    json_put_cstr(w, "kind", alert_mail_kind_name(m->kind));
    json_put_cstr(w, "state", alert_mail_state_name(m->state));
    json_put_int(w, "tries", m->tries);
    show_put_text(w, "answer", with_whom ? m->answer : (struct text){ 0 });
    json_object_end(w);
}

void show_alert(struct json_writer *w, const struct show_alerts *all, const struct alert *al,
                struct text subject, bool with_whom) {
    json_object(w, NULL);
    show_alert_itself(w, all->co, subject, al);
    json_array(w, "mails");
    for (size_t i = 0; i < all->mails_n; i++)
        if (show_alert_is_of(&all->mails[i], al))
            put_mail(w, &all->mails[i], with_whom);
    json_array_end(w);
    json_object_end(w);
}

void show_alert_to(struct json_writer *w, const struct show_alerts *all) {
    json_array(w, "to");
    for (size_t i = 0; i < all->to_n; i++)
        json_put_text(w, NULL, all->to[i]);
    json_array_end(w);
}
