/* api_p.h - one request to /api/v1, and what its handlers use. Private to src/server/.
 *
 * Shape:  a route says who may call it, and what may be in its query and body; whatever else is there is
 *         refused before the handler runs. {company} in a path is found before, and is the caller's own:
 *         another one's does not exist. A handler writes one JSON object into w, or returns an error.
 *         Whoever may not is told so only within what is theirs. */
#pragma once
#include "server/server_p.h"
#include "show/show.h"
#include "store/token.h"

#define API_COMPANY "/companies/{company}"
enum { API_PARTS = 3, API_PAGE = 100, API_PAGE_MOST = 1000 };

struct api_route;
struct api_call {
    struct serve *serve;
    const struct server_request *q;
    const struct api_route *route; /* NULL: none was found */
    struct store *st;
    struct show show; /* with this call's store and arena */
    struct arena *arena;
    const struct secret_key *key; /* the one that counts by now, where something may be changed */
    int64_t now_us;
    struct token token;
    const char *who; /* "API token NAME", for the audit log */
    struct company company;
    const char *parts[API_PARTS]; /* what stood for {...}, decoded */
    json body;                    /* an object, or NULL: there is none */
    struct json_writer w;
    int status;                   /* 200 unless the handler says something else */
    bool tagged;                  /* the answer carries an ETag */
    struct server_stream *stream; /* this is the answer, and not what is in w */
    /* Of the settings in it: in front in the ETag, and what If-Match is about; or NULL. */
    const char *version;
};
typedef enum rc_code api_handler(struct api_call *c, struct rc_error *err);

struct api_route {
    const char *method, *path; /* "/companies/{company}/runs/{run}", behind /api/v1 */
    enum token_right right;
    bool installation; /* only a token of the installation may */
    api_handler *handler;
    const char *const *arguments; /* of the query; NULL: none */
    const char *const *members;   /* of the body; NULL: there is none */
    bool large;                   /* a body of up to SERVE_LARGE_BYTES */
};
/* api_routes.c */
extern const struct api_route api_routes[];
extern const size_t api_routes_n;

/* ---- what is in a request ---- */
/* ?limit=N, from 1 to API_PAGE_MOST. */
enum rc_code api_limit(const struct api_call *c, int64_t *ret, struct rc_error *err);
/* ?cursor=N as "next" gave it; 0: from the beginning. */
enum rc_code api_cursor(const struct api_call *c, int64_t *ret, struct rc_error *err);
/* A member of the body as text that ends with NUL; NULL: it is not there, or null. */
enum rc_code api_text(const struct api_call *c, const char *member, bool required, size_t most,
                      const char **ret, struct rc_error *err);
/* A list of texts, each as api_text(); texts have place for `most`. *ret_n 0: it is not there, or null. */
enum rc_code api_texts(const struct api_call *c, const char *member, size_t most_bytes,
                       const char **ret, size_t most, size_t *ret_n, struct rc_error *err);
/* A member that is true or false; not there, or null: false. */
enum rc_code api_flag(const struct api_call *c, const char *member, bool *ret,
                      struct rc_error *err);
/* A member that is a whole number from least to most; not there, or null: usual. */
enum rc_code api_whole(const struct api_call *c, const char *member, int64_t least, int64_t most,
                       int64_t usual, int64_t *ret, struct rc_error *err);
/* An argument of the query that is a whole number, likewise. */
enum rc_code api_argument(const struct api_call *c, const char *name, int64_t least, int64_t most,
                          int64_t usual, int64_t *ret, struct rc_error *err);
/* {integration} and {destination}, without secrets; the second part of the path. */
enum rc_code api_integration(struct api_call *c, struct integration *ret, struct rc_error *err);
enum rc_code api_destination(struct api_call *c, struct platform *ret, struct rc_error *err);
/* {run}: one of the company. */
enum rc_code api_run(struct api_call *c, struct run *ret, struct rc_error *err);
/* {run}: a number. */
enum rc_code api_number(const char *part, const char *name, int64_t *ret, struct rc_error *err);
/* If-Match, which has to be there, names this version: 428 "match.missing", 412 "match.stale". */
enum rc_code api_match(const struct api_call *c, const char *version, struct rc_error *err);
/* "next": where the following page begins; 0: there is none. */
void api_put_next(struct api_call *c, int64_t next);

/* ---- once, however often it is sent: api_once.c ---- */
struct idempotency;
/* *once is zeroed; its status is not 0 where it has been done before. */
enum rc_code api_once_begin(struct api_call *c, const struct api_route *r, struct idempotency *once,
                            struct rc_error *err);
/* a: how it was answered, of RC_OK. */
void api_once_end(struct api_call *c, struct idempotency *once, enum rc_code rc,
                  const struct server_answer *a);

/* ---- the handlers, by file ---- */
api_handler api_self, api_company_list, api_company_add, api_company_show; /* api_admin.c */
api_handler api_token_list, api_token_add, api_token_drop, api_audit_list; /* likewise */
api_handler api_event_stream;                                              /* likewise */
api_handler api_people_list, api_people_show;                              /* api_look.c */
api_handler api_run_list, api_run_show, api_integration_list, api_integration_show; /* likewise */
api_handler api_destination_list, api_destination_show;                             /* likewise */
api_handler api_run_approve, api_run_reject, api_integration_sync;                  /* api_act.c */
api_handler api_destination_deliver, api_destination_pause, api_destination_resume; /* likewise */
api_handler api_status_all, api_status, api_people_why, api_people_history; /* api_people.c */
api_handler api_people_export, api_people_erase, api_receipt_list;          /* likewise */
api_handler api_problem_list;                                               /* likewise */
api_handler api_account_list, api_account_link, api_account_unlink, api_account_ignore,
    api_invite; /* api_accounts.c */
api_handler api_conflict_list, api_conflict_resolve, api_team_resolve, api_calendar; /* likewise */
api_handler api_pin_list, api_pin_release;                                           /* likewise */
api_handler api_run_changes, api_run_calls, api_simulation;                          /* api_run.c */
api_handler api_alert_list, api_alert_show, api_alert_set, api_alert_mute;       /* api_alerts.c */
api_handler api_run_undo, api_integration_check, api_destination_check;          /* api_errand.c */
api_handler api_account_close, api_alert_test, api_errand_list, api_errand_show; /* likewise */
/* Of api_act.c, with preview. */
enum rc_code api_errand_sync(struct api_call *c, const struct integration *in,
                             struct rc_error *err);
/* Everybody is listed through it. */
enum rc_code api_errand_activate(struct api_call *c, int64_t integration_id, int64_t mapping_id,
                                 struct rc_error *err);
enum rc_code api_errand_deliver(struct api_call *c, const struct platform *p, bool inventory,
                                struct rc_error *err);

/* ---- configuration ---- what is written goes through sync/config.h, as of the command line */
api_handler api_company_set, api_company_remove, api_company_suspend,
    api_company_resume; /* api_config.c */
api_handler api_document_show, api_document_plan, api_document_apply, api_systems; /* likewise */
api_handler api_integration_add, api_integration_set,
    api_integration_remove; /* api_config_part.c */
api_handler api_destination_add, api_destination_set, api_destination_remove; /* likewise */
api_handler api_integration_credentials, api_destination_credentials;         /* likewise */
api_handler api_mapping_list, api_mapping_show, api_mapping_check,
    api_mapping_add;                                             /* api_config_mapping.c */
api_handler api_mapping_activate, api_mapping_drop;              /* likewise */
api_handler api_policy_show, api_policy_preview, api_policy_set; /* api_config_policy.c */
