/* What changes while somebody watches: jobs, progress, alerts. */
#include "show/show.h"

void show_job(struct json_writer *w, const char *key, const struct company *co, struct text subject,
              const struct job_row *j) {
    json_object(w, key);
    json_put_cstr(w, "kind", job_kind_name(j->kind));
    json_put_text(w, "company", co->key);
    show_put_text(w, "subject", subject);
    json_put_bool(w, "running", j->state.is_claimed);
    show_put_when(w, "due_at", j->state.run_at_us);
    json_put_int(w, "attempts", j->state.attempts);
    json_object_end(w);
}

static void put_number(struct json_writer *w, const char *key, int64_t v, bool known) {
    known ? json_put_int(w, key, v) : json_put_null(w, key);
}

void show_progress(struct json_writer *w, const char *key, const struct company *co,
                   struct text subject, const struct run *r, const struct underway *u) {
    bool is_delivery = r->destination_id != 0;
    json_object(w, key);
    json_put_int(w, "run", r->run_id);
    json_put_text(w, "company", co->key);
    show_put_text(w, "integration", is_delivery ? TEXT_NONE : subject);
    show_put_text(w, "destination", is_delivery ? subject : TEXT_NONE);
    json_put_text(w, "phase", u->phase);
    json_put_int(w, "done", u->done);
    put_number(w, "of", u->of, u->of > 0);
    json_put_int(w, "refused", u->failed);
    put_number(w, "per_second", u->per_second, u->per_second > 0);
    put_number(w, "left_s", u->left_s, u->left_s >= 0);
    show_put_when(w, "ends_at", u->left_s >= 0 ? u->at_us + u->left_s * 1000000 : 0);
    show_put_when(w, "waits_until", u->wait_us);
    show_put_when(w, "at", u->at_us);
    json_put_text(w, "text", u->line);
    json_object_end(w);
}

void show_alert_itself(struct json_writer *w, const struct company *co, struct text subject,
                       const struct alert *al) {
    json_put_text(w, "company", co->key);
    json_put_text(w, "subject", subject);
    json_put_text(w, "cause", al->cause);
    put_number(w, "run", al->run_id, al->run_id != 0);
    show_put_when(w, "since", al->since_us);
    show_put_when(w, "told_at", al->told_us);
    json_put_int(w, "told", al->told_n);
    show_put_when(w, "over_at", al->over_us);
    show_put_when(w, "muted_until", al->muted_us);
}
