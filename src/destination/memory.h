/* memory.h - a learning platform in memory, for tests: what it holds, what it was asked, and what is
 * to go wrong.
 *
 * Shape:  struct memory_platform begins with its own ops, so that it opens like any other:
 *             struct memory_platform m;
 *             memory_platform_init(&m);
 *             destination_open(&(struct destination_config){ .ops = &m.ops, .clock = clock }, &d,
 *                              &err);
 *         It behaves as a sound platform does: addresses are unique in any ASCII case, external ids
 *         are unique, deactivating takes memberships away and hands reports to the owner, creating
 *         with mails writes a mail. Accounts and teams may be put in and looked at at any time.
 *         Faults are a list: the nth call of a kind fails with a code, before the deed or after it.
 *         refuses: a value that no field takes.
 * Memory: owns all it holds until memory_platform_done(); what is put in is copied. The script
 *         (caps, faults, refuses, ignores) is borrowed and may be changed between calls.
 * Threads: lanes may run side by side; a test looks and changes while none does. */
#pragma once
#include <pthread.h>
#include "destination/destination.h"

enum memory_platform_call {
    MEMORY_PLATFORM_ANY = 0, /* of a fault: whatever it is */
    MEMORY_PLATFORM_CAPS,
    MEMORY_PLATFORM_CHECK,
    MEMORY_PLATFORM_LIST, /* one page */
    MEMORY_PLATFORM_FIND,
    MEMORY_PLATFORM_CREATE,
    MEMORY_PLATFORM_UPDATE,
    MEMORY_PLATFORM_DEACTIVATE,
    MEMORY_PLATFORM_REACTIVATE,
    MEMORY_PLATFORM_INVITE,
    MEMORY_PLATFORM_TEAM_CREATE,
    MEMORY_PLATFORM_TEAM_UPDATE,
    MEMORY_PLATFORM_TEAM_DELETE,
    MEMORY_PLATFORM_TEAM_LEAVE,
    MEMORY_PLATFORM_CALLS_N
};

struct memory_platform_fault {
    enum memory_platform_call call;
    unsigned nth;      /* from 1, among calls of this kind since the start; 0: each */
    enum rc_code code; /* RC_OK: none */
    const char *name;  /* NULL: "memory.fault" */
    bool after;        /* the deed is done, and then the call fails */
};

/* One account as it is. fields[].known alone counts; the e-mail as it was given. */
struct memory_platform_account {
    struct account is;
    bool exists;
    bool unlisted; /* lists leave it out, and count without it */
};
struct memory_platform_team {
    struct destination_team is; /* members_n is counted when it is shown */
    bool exists, unlisted;
};
struct memory_platform_mail {
    struct text remote_id, to;
};
/* One call, in the order in which they came: "update 1002 job_title=Cook email=a@x.org". */
struct memory_platform_request {
    enum memory_platform_call call;
    struct text text;
    enum rc_code code; /* what it answered */
};

struct memory_platform {
    struct destination_ops ops; /* filled by memory_platform_init() */
    /* the script */
    struct policy_caps caps; /* filled with all there is; a test takes away */
    const struct memory_platform_fault *faults;
    size_t faults_n;
    const char *refuses; /* a value that is refused wherever it is sent; NULL: none */
    const char *ignores; /* a value that is taken and not kept; NULL: none is */
    size_t per_page;     /* 0: 2 */
    bool total_scripted; /* pages declare `total` instead of what there is */
    int64_t total;
    int64_t clock_apart_s;     /* it says that it is so much later; 0: it does not say */
    bool forgets_external_ids; /* as platforms do that are older than they */
    /* what is there, in the order in which it came; deleted ones no longer exist */
    struct memory_platform_account *accounts;
    size_t accounts_n;
    struct memory_platform_team *teams;
    size_t teams_n;
    /* what was asked, and what was mailed */
    struct memory_platform_request *requests;
    size_t requests_n;
    struct memory_platform_mail *mails;
    size_t mails_n;
    unsigned calls_n[MEMORY_PLATFORM_CALLS_N]; /* of each kind; [0]: all */
    /* its own */
    struct arena arena;
    size_t accounts_cap, teams_cap, requests_cap, mails_cap;
    int64_t last_id;
    pthread_mutex_t lock;
};
void memory_platform_init(struct memory_platform *m);
void memory_platform_done(struct memory_platform *m);

/* An account that is there already, active, and its remote id. fields: "first_name=Ana", by
 * user_field_name(), or "external_id=...", "role=...", "status=...", "mail=..."; ends with NULL. */
struct text memory_platform_put(struct memory_platform *m, const char *const *fields);
struct text memory_platform_put_team(struct memory_platform *m, const char *name,
                                     const char *external_id);
/* NULL: there is none, or it was deleted. Holds until the next account comes. */
struct memory_platform_account *memory_platform_find(struct memory_platform *m,
                                                     struct text remote_id);
/* By "first_name" and so on, or a field of its own; missing is an answer. */
struct text memory_platform_field(struct memory_platform *m, struct text remote_id,
                                  const char *name);
unsigned memory_platform_mails_to(const struct memory_platform *m, struct text remote_id);
const char *memory_platform_call_name(enum memory_platform_call c);
