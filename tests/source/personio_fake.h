/* personio_fake.h - the smallest Personio that these tests need; the sandbox plays the real thing.
 *
 * Shape:  people are rows of JSON text. One fault may be scripted: from the nth call to a path on,
 *         so many times, answer this. */
#pragma once
#include "base/clock.h"
#include "net/server.h"

enum fake_paging {
    FAKE_HONEST = 0,
    FAKE_IGNORES_OFFSET,
    FAKE_ENDLESS,    /* new people for ever */
    FAKE_SHORT,      /* never more than three people a page, whatever is asked for */
    FAKE_ALL_AT_ONCE /* everybody, whatever is asked for, then nothing */
};

struct fake_fault {
    const char *path; /* NULL: no fault. Begins so */
    unsigned after;   /* so many calls to it go well first */
    unsigned times;   /* 0: for ever */
    struct server_answer answer;
};

struct fake {
    char url[64];
    const char *const *rows; /* JSON; NULL: invented people with ids from 1 */
    size_t people_n;
    enum fake_paging paging;
    const char *metadata;  /* JSON in place of the true one; "" for none */
    const char *catalogue; /* JSON list */
    const char *scope;
    struct fake_fault fault;
    bool one_time_tokens, denies_all;
    int token_length;
    const char *get_body; /* in place of the true one */

    unsigned auths_n, lists_n, gets_n, catalogues_n, faults_n, calls_n;
    unsigned bare_n; /* calls without our App-ID, or with a Partner-ID */
    char last_query[5000];
    char last_auth_body[500];
    /* its own */
    struct server *server;
    unsigned token_n;
    unsigned fault_calls_n;
};
void fake_open(struct fake *f);
void fake_close(struct fake *f);
