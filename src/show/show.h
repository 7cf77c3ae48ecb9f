/* show.h - what is told of companies, integrations, platforms, runs and people, as JSON: the shapes that
 * the command line (--json) and the API share. docs/api.yaml is their contract.
 *
 * Shape:  each writes one object under the key given, NULL in arrays. Secrets are never among it. What is
 *         not set is null; a field of a person that was never read is left out.
 * Memory: what has to be read for it lies in the arena of the struct. */
#pragma once
#include "base/clock.h"
#include "json/json.h"
#include "people/lifecycle.h"
#include "store/hook.h"
#include "store/alert.h"
#include "store/audit.h"
#include "store/company.h"
#include "store/directory.h"
#include "store/errand.h"
#include "store/integration.h"
#include "store/job.h"
#include "store/platform.h"
#include "store/run.h"
#include "store/token.h"
#include "store/underway.h"

struct kept;
struct show {
    struct store *st;
    const struct clock_source *clock;
    struct arena *arena;
    struct kept *kept; /* what was found before (kept.h); NULL: nothing is kept */
};

/* Missing, empty: null. */
void show_put_text(struct json_writer *w, const char *key, struct text t);
/* A stored JSON value; missing: null. */
void show_put_json(struct json_writer *w, const char *key, struct text t);
/* "2026-11-23T08:15:02Z"; 0: null. */
void show_put_when(struct json_writer *w, const char *key, int64_t at_us);
/* "2026-11-23"; DATE_NONE: null. */
void show_put_day(struct json_writer *w, const char *key, date_days day);

void show_company(struct json_writer *w, const char *key, const struct company *co);
/* "left": what a removal could not take away elsewhere, a sentence each. */
void show_left(struct json_writer *w, const char *const *left, size_t n);
/* How the webhook in HR stands; NULL: there is none. */
void show_webhook(struct json_writer *w, const char *key, const struct hook_standing *h);
enum rc_code show_integration(const struct show *s, struct json_writer *w, const char *key,
                              const struct company *co, const struct integration *in,
                              struct rc_error *err);
/* The keys of what feeds it, in order: p->feeds_n. */
enum rc_code show_feeds(const struct show *s, const struct platform *p, struct text **ret,
                        struct rc_error *err);
enum rc_code show_platform(const struct show *s, struct json_writer *w, const char *key,
                           const struct company *co, const struct platform *p,
                           struct rc_error *err);
/* subject: the key of the integration or of the platform. */
void show_run(struct json_writer *w, const char *key, const struct company *co, struct text subject,
              const struct run *r);
/* company: of whom it is; NULL: of the installation. */
void show_token(struct json_writer *w, const char *key, const struct company *co,
                const struct token *t);
void show_audit(struct json_writer *w, const char *key, const struct audit *a);

void show_errand(struct json_writer *w, const char *key, const struct errand *e);

/* ---- what runs are about: their keys ---- */
struct show_subjects {
    struct integration *integrations;
    struct platform *platforms;
    size_t integrations_n, platforms_n;
};
enum rc_code show_subjects(const struct show *s, const struct company *co,
                           struct show_subjects *ret, struct rc_error *err);
struct text show_subject_of(const struct show_subjects *all, const struct run *r);

/* By the id of an integration or of a platform; missing: there is none. */
struct text show_subject_key(const struct show_subjects *all, int64_t subject_id);

/* ---- what changes while somebody watches (live.c) ---- */
void show_job(struct json_writer *w, const char *key, const struct company *co, struct text subject,
              const struct job_row *j);
/* r: the run that it is of. */
void show_progress(struct json_writer *w, const char *key, const struct company *co,
                   struct text subject, const struct run *r, const struct underway *u);
/* Into the object that is open. */
void show_alert_itself(struct json_writer *w, const struct company *co, struct text subject,
                       const struct alert *al);

/* ---- people ---- */
struct show_view {
    struct user user;
    struct lifecycle_facts facts;
    enum lifecycle lifecycle;
    const char *rule;
};
struct show_reader {
    struct json_reader *json;
    struct zone *zone;
    date_days today;
    int64_t now_us;
};
enum rc_code show_reader_open(const struct company *co, int64_t now_us, struct show_reader *ret,
                              struct rc_error *err);
void show_reader_close(struct show_reader *r);
/* Texts live until the next view, or as long as the arena. listed_us: the integration's last applied full
 * listing. */
enum rc_code show_view(struct show_reader *r, const struct person *p, int64_t listed_us,
                       struct arena *a, struct show_view *ret, struct rc_error *err);
void show_person(struct json_writer *w, const char *key, const struct person *p,
                 const struct show_view *v);
/* The integration's last applied full listing; 0: none, or it is there no more. */
int64_t show_listed_of(const struct show_subjects *all, int64_t integration_id);
/* NULL: it is there no more. */
const struct integration *show_integration_of(const struct show_subjects *all,
                                              int64_t integration_id);
/* A filter for people: "any", or the name of a problem. */
bool show_is_problem(const char *word);
bool show_has_problem(const struct person *p, const char *word);
/* "First Last" */
struct text show_name(const struct user *u, struct arena *a);
/* A value as one text that can be shown: several teams with commas between them. */
struct text show_plain(struct text t, struct arena *a);
/* All fields, custom ones included, as keys of the object that is open; several teams are an array of
 * their keys. */
void show_user(struct json_writer *w, const struct user *u);
