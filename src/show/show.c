#include "show/show.h"

#include <string.h>
#include "store/job.h"

void show_put_text(struct json_writer *w, const char *key, struct text t) {
    t.state == TEXT_SET ? json_put_text(w, key, t) : json_put_null(w, key);
}

void show_put_json(struct json_writer *w, const char *key, struct text t) {
    t.state == TEXT_SET ? json_put_raw(w, key, t.ptr, t.len) : json_put_null(w, key);
}

void show_put_when(struct json_writer *w, const char *key, int64_t at_us) {
    char at[32];
    json_put_cstr(w, key, at_us != 0 ? date_format_instant(at_us, at) : NULL);
}

void show_put_day(struct json_writer *w, const char *key, date_days day) {
    char text[DATE_TEXT_BYTES];
    json_put_cstr(w, key, day != DATE_NONE ? date_format(day, text) : NULL);
}

/* null: all that there are. */
static void put_names(struct json_writer *w, const char *key, struct text t) {
    if (t.state != TEXT_SET) {
        json_put_null(w, key);
        return;
    }
    json_array(w, key);
    for (size_t from = 0; from < t.len;) {
        const char *comma = memchr(t.ptr + from, ',', t.len - from);
        size_t to = comma != NULL ? (size_t)(comma - t.ptr) : t.len;
        if (to > from)
            json_put_str(w, NULL, t.ptr + from, to - from);
        from = to + 1;
    }
    json_array_end(w);
}

void show_company(struct json_writer *w, const char *key, const struct company *co) {
    json_object(w, key);
    json_put_text(w, "company", co->key);
    json_put_text(w, "name", co->name);
    json_put_text(w, "zone", co->zone);
    show_put_when(w, "created_at", co->created_us);
    put_names(w, "sources", co->sources);
    put_names(w, "destinations", co->destinations);
    if (co->suspended_us != 0) {
        json_object(w, "suspended");
        json_put_text(w, "by", co->suspended_by);
        show_put_text(w, "because", co->suspended_why);
        show_put_when(w, "at", co->suspended_us);
        json_object_end(w);
    } else
        json_put_null(w, "suspended");
    json_object_end(w);
}

void show_left(struct json_writer *w, const char *const *left, size_t n) {
    json_array(w, "left");
    for (size_t i = 0; i < n; i++)
        json_put_cstr(w, NULL, left[i]);
    json_array_end(w);
}

void show_webhook(struct json_writer *w, const char *key, const struct hook_standing *h) {
    if (h == NULL) {
        json_put_null(w, key);
        return;
    }
    json_object(w, key);
    json_put_cstr(w, "in_hr", hook_state_name(h->state));
    show_put_text(w, "note", h->note);
    show_put_when(w, "looked_at", h->looked_us);
    show_put_when(w, "failing_since", h->failing_us);
    show_put_when(w, "silent_since", h->silent_us);
    json_object_end(w);
}

enum rc_code show_integration(const struct show *s, struct json_writer *w, const char *key,
                              const struct company *co, const struct integration *in,
                              struct rc_error *err) {
    struct job_state next;
    struct hook_standing hook;
    bool has_hook = false;
    enum rc_code rc = job_look(s->st, JOB_SYNC, in->company_id, in->integration_id,
                               clock_now_us(s->clock), &next, err);
    if (rc != RC_OK || (rc = hook_standing_find(s->st, in->company_id, in->integration_id, s->arena,
                                                &hook, &has_hook, err)) != RC_OK)
        return rc;
    json_object(w, key);
    json_put_text(w, "company", co->key);
    json_put_text(w, "integration", in->key);
    json_put_text(w, "source", in->source);
    json_put_text(w, "team", in->team_from);
    show_put_json(w, "settings", in->settings);
    show_put_json(w, "limits", in->limits);
    show_put_when(w, "listed_at", in->listed_us);
    show_put_text(w, "schedule", in->schedule);
    show_put_when(w, "next_at", next.run_at_us);
    show_webhook(w, "webhook", has_hook ? &hook : NULL);
    json_object_end(w);
    return RC_OK;
}

enum rc_code show_feeds(const struct show *s, const struct platform *p, struct text **ret,
                        struct rc_error *err) {
    struct integration in;
    enum rc_code rc = RC_OK;
    *ret = ARENA_NEW(s->arena, struct text, p->feeds_n + 1);
    for (size_t i = 0; i < p->feeds_n && rc == RC_OK; i++) {
        rc = integration_get(s->st, p->company_id, p->feeds[i], NULL, s->arena, &in, err);
        if (rc == RC_OK)
            (*ret)[i] = in.key;
    }
    return rc;
}

enum rc_code show_platform(const struct show *s, struct json_writer *w, const char *key,
                           const struct company *co, const struct platform *p,
                           struct rc_error *err) {
    struct text *feeds;
    enum rc_code rc = show_feeds(s, p, &feeds, err);
    if (rc != RC_OK)
        return rc;
    json_object(w, key);
    json_put_text(w, "company", co->key);
    json_put_text(w, "destination", p->key);
    json_put_text(w, "adapter", p->adapter);
    json_put_text(w, "prefix", p->prefix);
    json_array(w, "feeds");
    for (size_t i = 0; i < p->feeds_n; i++)
        json_put_text(w, NULL, feeds[i]);
    json_array_end(w);
    show_put_json(w, "settings", p->settings);
    show_put_json(w, "policy", p->policy);
    show_put_json(w, "limits", p->limits);
    if (p->paused_by.state == TEXT_SET) {
        json_object(w, "paused");
        json_put_text(w, "by", p->paused_by);
        show_put_text(w, "because", p->paused_why);
        show_put_when(w, "at", p->paused_us);
        json_object_end(w);
    } else
        json_put_null(w, "paused");
    show_put_when(w, "listed_at", p->listed_us);
    show_put_when(w, "delivered_at", p->delivered_us);
    show_put_when(w, "restored_at", p->restored_us);
    json_object_end(w);
    return RC_OK;
}

void show_run(struct json_writer *w, const char *key, const struct company *co, struct text subject,
              const struct run *r) {
    struct buf counts;
    buf_init(&counts, 1 << 16);
    run_counts_write(&r->counts, &counts);
    json_object(w, key);
    json_put_int(w, "run", r->run_id);
    json_put_text(w, "company", co->key);
    show_put_text(w, "integration", r->destination_id == 0 ? subject : TEXT_NONE);
    show_put_text(w, "destination", r->destination_id != 0 ? subject : TEXT_NONE);
    json_put_cstr(w, "kind", run_kind_name(r->kind));
    json_put_cstr(w, "state", run_state_name(r->state));
    json_put_bool(w, "preview", r->preview);
    json_put_bool(w, "approved", r->approved);
    show_put_when(w, "started_at", r->started_us);
    show_put_when(w, "ended_at", r->ended_us);
    show_put_when(w, "applied_at", r->applied_us);
    json_put_int(w, "population", r->population);
    json_put_raw(w, "counts", counts.ptr, counts.len);
    show_put_json(w, "proof", r->proof);
    show_put_json(w, "verdict", r->verdict);
    show_put_text(w, "reason", r->reason);
    show_put_text(w, "decided_by", r->decided_by);
    show_put_text(w, "decided_because", r->decided_because);
    r->other_run_id != 0 ? json_put_int(w, "other_run", r->other_run_id)
                         : json_put_null(w, "other_run");
    json_object_end(w);
    buf_done(&counts);
}

void show_token(struct json_writer *w, const char *key, const struct company *co,
                const struct token *t) {
    json_object(w, key);
    json_put_text(w, "token", t->token_id);
    show_put_text(w, "company", co != NULL ? co->key : TEXT_NONE);
    json_put_text(w, "name", t->name);
    json_put_cstr(w, "right", token_right_name(t->right));
    json_put_text(w, "made_by", t->made_by);
    show_put_when(w, "made_at", t->made_us);
    show_put_when(w, "expires_at", t->expires_us);
    show_put_when(w, "used_at", t->used_us);
    json_object_end(w);
}

void show_audit(struct json_writer *w, const char *key, const struct audit *a) {
    json_object(w, key);
    json_put_int(w, "entry", a->audit_id);
    show_put_when(w, "at", a->at_us);
    json_put_text(w, "who", a->who);
    json_put_text(w, "what", a->what);
    show_put_json(w, "before", a->before);
    show_put_json(w, "after", a->after);
    json_object_end(w);
}

void show_errand(struct json_writer *w, const char *key, const struct errand *e) {
    json_object(w, key);
    json_put_int(w, "errand", e->errand_id);
    json_put_cstr(w, "kind", errand_kind_name(e->kind));
    show_put_text(w, "about", e->about);
    json_put_cstr(w, "state", errand_state_name(e->state));
    json_put_text(w, "made_by", e->who);
    show_put_when(w, "made_at", e->made_us);
    show_put_when(w, "ended_at", e->ended_us);
    show_put_json(w, "runs", e->runs);
    show_put_json(w, "result", e->result);
    if (e->error_name.state == TEXT_SET) {
        json_object(w, "error");
        json_put_text(w, "name", e->error_name);
        show_put_text(w, "text", e->error_text);
        json_object_end(w);
    } else
        json_put_null(w, "error");
    json_object_end(w);
}

/* ---- what runs are about ---- */

enum rc_code show_subjects(const struct show *s, const struct company *co,
                           struct show_subjects *ret, struct rc_error *err) {
    enum rc_code rc = integration_list(s->st, co->company_id, s->arena, &ret->integrations,
                                       &ret->integrations_n, err);
    return rc != RC_OK ? rc
                       : platform_list(s->st, co->company_id, s->arena, &ret->platforms,
                                       &ret->platforms_n, err);
}

struct text show_subject_key(const struct show_subjects *all, int64_t subject_id) {
    const struct run r = { .integration_id = subject_id, .destination_id = subject_id };
    return show_subject_of(all, &r);
}

struct text show_subject_of(const struct show_subjects *all, const struct run *r) {
    for (size_t i = 0; i < all->integrations_n; i++)
        if (all->integrations[i].integration_id == r->integration_id)
            return all->integrations[i].key;
    for (size_t i = 0; i < all->platforms_n; i++)
        if (all->platforms[i].destination_id == r->destination_id)
            return all->platforms[i].key;
    return TEXT_NONE;
}
