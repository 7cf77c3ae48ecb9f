/* personio_p.h - Personio's parts among themselves: personio_http.c (token, pace, repeating),
 * personio_read.c (one employee), personio_check.c (rights, check), personio_record.c (transcript),
 * personio.c (settings, list, get).
 *
 * Source: Personio v1, docs/wire-personio.md. */
#pragma once
#include "json/json.h"
#include "net/client.h"
#include "net/pace.h"
#include "source/hint.h"
#include "source/source_p.h"

enum {
    PERSONIO_BODY_BYTES = 8 << 20,
    PERSONIO_TOKEN_BYTES = 500,
    PERSONIO_LIMIT_MOST = 100, /* Personio's largest page */
    PERSONIO_QUERY_BYTES =
        4000, /* a longer list of attributes is not sent: all of them come, and are dropped here */
    PERSONIO_WAIT_MOST_S =
        300, /* longer pauses are the caller's to plan, not ours to sleep through */
};
#define PERSONIO_EMPLOYEES "/v1/company/employees"
#define PERSONIO_CATALOGUE "/v1/company/employees/attributes"
#define PERSONIO_AUTH      "/v1/auth"

struct personio {
    struct source base;
    const struct clock_source *clock;
    struct employee_reads reads;
    struct http_client *http;
    struct pace pace;
    char *base_url; /* without a slash at its end */
    char *client_id, *client_secret;
    unsigned retries, page_size;
    char *attributes; /* "&attributes%5B%5D=first_name..." */

    bool often;                        /* personio_kept.c */
    int64_t token_since_us;            /* monotonic */
    char token[PERSONIO_TOKEN_BYTES];  /* "": none yet */
    char token2[PERSONIO_TOKEN_BYTES]; /* of v2, likewise */
    char *scope;                       /* as the token endpoint named them; NULL: it did not */
    struct buf auth_body;
    struct json_reader *auth_reader;

    struct buf body; /* of every call that is not a page of a listing */
    struct json_reader *reader;

    bool listing;
    char since[32];
    enum source_end end; /* of the last page handed out */
    uint64_t offset;
    int64_t declared_most;     /* the largest total that this listing declared; -1 none */
    bool declares_one;         /* every page so far declared a total, and the same */
    int64_t first_id, last_id; /* of the page before, 0 none */
};

struct personio_page {
    struct source_page base;
    struct buf body;
    struct json_reader *reader;
    json root;
    char content_type[96];
    json *rows;
    size_t rows_cap;
};

struct personio_answer {
    bool any_body; /* given: nothing is to be read from it, and whatever comes with a 2xx is good */
    int status;
    json root; /* NULL: not JSON */
    char content_type[96];
};

/* ---- personio_http.c ---- */

/* Fetches a token, whether or not there is one. ret may be NULL. RC_AUTH: refused. */
enum rc_code personio_authorise(struct personio *p, struct personio_answer *ret,
                                struct rc_error *err);
/* One exchange, paced and repeated as `retries` says. Judges nothing but whether there is an answer. */
enum rc_code personio_exchange(struct personio *p, const struct http_request *q, const char *what,
                               struct buf *body, struct json_reader *reader,
                               struct personio_answer *ret, struct rc_error *err);
/* {"success": false, "error": {...}}: Personio itself speaks, not a proxy or a wrong path. */
bool personio_is_refusal(json root);
/* GET path?query with a token: repeated as `retries` says, the token renewed once. RC_OK: 200 and
 * {"success":true ...} in *ret. RC_NOT_FOUND: 404 in Personio's own form. RC_AUTH says that `right`
 * is missing. *ret is the last answer there was, whatever became of it; status 0: there was none.
 */
enum rc_code personio_call(struct personio *p, const char *path, const char *query,
                           const char *right, struct buf *body, struct json_reader *reader,
                           struct personio_answer *ret, struct rc_error *err);

/* ---- personio_kept.c ---- */

void personio_kept_take(struct personio *p);
void personio_kept_put(const struct personio *p);

/* ---- personio_read.c ---- */

/* RC_INVALID: the row is no employee or has no usable id. */
enum rc_code personio_read(const struct employee_reads *reads, json row, struct arena *a,
                           struct employee *ret, struct rc_error *err);
int64_t personio_row_id(json row);               /* 0: none */
const char *personio_key(enum employee_field f); /* "subcompany" */
const char *
personio_label(enum employee_field f); /* "Legal entity": as Personio's pages call it in English */

/* ---- personio.c ---- */

/* Query of the page at an offset, into ret (emptied first). since: "" for everybody. */
void personio_list_query(const struct personio *p, const char *since, unsigned limit,
                         uint64_t offset, struct buf *ret);
/* Checks a listing's answer and lays out its rows. */
enum rc_code personio_page_take(struct personio_page *page, const struct personio_answer *answer,
                                struct rc_error *err);

/* ---- personio_check.c ---- */

enum rc_code personio_rights(struct source *s, struct arena *a, struct source_rights *ret,
                             struct rc_error *err);
enum rc_code personio_check(struct source *s, struct arena *a, struct source_check *ret,
                            struct rc_error *err);

/* ---- personio_v2.c ---- */

enum { PERSONIO_V2_RIGHT_BYTES = 200 };
/* With a token of v2. RC_NOT_FOUND: 404 in the form of v2. RC_CONFLICT: 409. RC_AUTH names `right`. body
 * of the request may be NULL. ret NULL: nothing is to be read, and any 2xx is good. */
enum rc_code personio_v2_call(struct personio *p, const char *method, const char *path,
                              const struct buf *body, const char *right,
                              struct personio_answer *ret, struct rc_error *err);

/* ---- personio_tells.c ---- */

extern const struct source_tells personio_tells;

/* ---- personio_record.c ---- */

enum rc_code personio_record(struct source *s, const char *dir, struct rc_error *err);

/* The right that reading people needs, as the token endpoint and Personio's pages name it. */
#define PERSONIO_RIGHT_EMPLOYEES "Employees: Read (scope employees:read)"
#define PERSONIO_WHERE                                                                             \
    "Personio: Marketplace > Connected integrations > the API credential of rollcall"
