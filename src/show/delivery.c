#include "show/delivery.h"

#include "store/account.h"
#include "sync/foretell.h"

bool show_is_ahead(const struct run *r) {
    return r->state == RUN_HELD || r->state == RUN_PREVIEWED || r->state == RUN_PASSED;
}

struct show_whom show_whom_of(struct store *st, const struct run *r, struct show_reader *reader,
                              const struct effect *e, struct arena *a) {
    struct show_whom w = { TEXT_NONE, TEXT_NONE, TEXT_NONE };
    struct show_view v;
    struct person p;
    if (e->user_id == 0)
        return w;
    enum rc_code rc = directory_get(st, r->company_id, e->user_id, a, &p, NULL);
    if (rc == RC_NOT_FOUND && r->other_run_id != 0)
        rc = directory_staged(st, r->company_id, r->other_run_id, e->user_id, a, &p, NULL);
    if (rc != RC_OK || show_view(reader, &p, 0, a, &v, NULL) != RC_OK)
        return w;
    w.source_id = p.source_id;
    w.name = show_name(&v.user, a);
    w.email = text_copy(a, v.user.fields[USER_EMAIL]);
    return w;
}

void show_call(struct json_writer *w, const struct show_whom *who, const struct effect *e) {
    json_object(w, NULL);
    json_put_int(w, "effect", e->effect_id);
    json_put_cstr(w, "of", e->user_id == 0 ? "team" : "person");
    show_put_text(w, "person", who->source_id);
    show_put_text(w, "name", who->name);
    show_put_text(w, "email", who->email);
    json_put_text(w, "verb", e->verb);
    json_put_int(w, "pass", e->pass);
    json_put_text(w, "code", e->code);
    json_put_text(w, "sentence", e->sentence);
    show_put_text(w, "classes", e->classes);
    json_put_cstr(w, "state", effect_state_name(e->state));
    show_put_text(w, "answer", e->answer);
    json_put_raw(w, "plan", e->plan.ptr, e->plan.len);
    json_object_end(w);
}

/* Of what has not been carried out yet. */
static void put_foretold(const struct show *s, struct json_writer *w, const struct platform *p,
                         const struct run *r, const struct effect_group *groups, size_t n) {
    if (r->run_id == 0 || !show_is_ahead(r)) {
        json_put_null(w, "about");
        return;
    }
    struct foretold f = foretell(p, groups, n, s->arena);
    json_object(w, "about");
    json_put_int(w, "calls", f.calls);
    f.seconds >= 0 ? json_put_int(w, "seconds", f.seconds) : json_put_null(w, "seconds");
    json_object_end(w);
}

enum rc_code show_delivery(const struct show *s, struct json_writer *w, const char *key,
                           const struct company *co, const struct platform *p, const struct run *r,
                           struct rc_error *err) {
    struct effect_group *groups = NULL;
    int64_t waiting = 0;
    size_t n = 0;
    enum rc_code rc =
        account_count(s->st, co->company_id, p->destination_id, ACCOUNT_WAITS, &waiting, err);
    if (rc == RC_OK && r->run_id != 0)
        rc = effect_groups(s->st, co->company_id, r->run_id, s->arena, &groups, &n, err);
    if (rc != RC_OK)
        return rc;
    if (key != NULL)
        json_object(w, key[0] != '\0' ? key : NULL);
    if (r->run_id != 0)
        show_run(w, "run", co, p->key, r);
    else
        json_put_null(w, "run");
    json_put_int(w, "waiting", waiting);
    put_foretold(s, w, p, r, groups, n);
    json_array(w, "effects");
    for (size_t i = 0; i < n; i++) {
        if (groups[i].all == 0)
            continue;
        json_object(w, NULL);
        json_put_text(w, "verb", groups[i].verb);
        json_put_cstr(w, "of", groups[i].of_teams ? "teams" : "people");
        for (int e = EFFECT_PLANNED; e < EFFECT_STATES_N; e++)
            json_put_int(w, effect_state_name((enum effect_state)e), groups[i].of[e]);
        json_object_end(w);
    }
    json_array_end(w);
    if (key != NULL)
        json_object_end(w);
    return RC_OK;
}
