/* faults.h - what goes wrong on purpose: per route, after so many requests, so many times, with a
 * probability, for a while.
 *
 * Shape:  rules are asked in the order in which they were made; the first that fires decides.
 *         fault_before() may answer instead of the API; fault_after() spoils an answer that was
 *         right.
 * Threads: a lock of its own; a rule that fires is handed out as a copy. */
#pragma once
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include "base/buf.h"
#include "base/rng.h"
#include "json/json.h"

enum fault_kind {
#define FAULT(id, systems, name, text) FAULT_##id,
#include "sandbox/faults.inc"
#undef FAULT
    FAULT_KINDS,
};
enum { FAULT_OF_PERSONIO = 1, FAULT_OF_LEARNAMP = 2, FAULT_OF_ALL = 3 };

/* Where a system's answers are spoiled, as text that stands in them. */
struct body_marks {
    const char *value;       /* behind it begins a text that people wrote */
    const char *list, *rows; /* behind them stands the list; its first row */
    const char *object;      /* what is no list */
    const char *id; /* the first row's id; it begins id_at bytes behind, ends with id_end */
    size_t id_at;
    char id_end;
    unsigned id_digits; /* as many as a usual id has */
    const char *success, *failure;
    struct {
        const char *name, *mark, *what; /* behind the mark stands what comes twice */
    } twice[3];
};

struct fault {
    uint64_t number;
    char route[32];
    enum fault_kind kind;
    int64_t count, after; /* count 0: no end */
    double probability;
    int64_t from_us, until_us; /* monotonic; until 0: no end */
    int64_t status, retry_after_s, ms, bytes, at, depth;
    char body[24],
        text[256]; /* body: shape of an error; text: content type, location, key, whole body */
    struct rng rng;
    uint64_t seen, fired;
};
enum { FAULTS_MAX = 128 };
struct faults {
    pthread_mutex_t lock;
    struct fault all[FAULTS_MAX];
    size_t n;
    uint64_t next_number;
    unsigned systems; /* FAULT_OF_... */
};
struct call;

void faults_init(struct faults *f, unsigned systems);
void faults_done(struct faults *f);
void faults_clear(struct faults *f);
enum rc_code faults_add(struct faults *f, const char *const *routes, unsigned routes_n, json body,
                        int64_t now_us, uint64_t *ret_number, struct rc_error *err);
bool faults_pick(struct faults *f, const char *route, int64_t now_us, struct fault *ret);
void faults_write(struct faults *f, struct buf *ret);
const char *fault_kind_name(enum fault_kind kind);
void faults_print(unsigned systems); /* a table on stdout */

bool fault_before(struct call *c, const struct fault *f); /* true: it has answered */
void fault_after(struct call *c, const struct fault *f);
