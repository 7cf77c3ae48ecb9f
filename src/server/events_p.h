/* events_p.h - what one look at a company finds. Private to events.c and events_look.c. */
#pragma once
#include "server/events.h"
#include "show/show.h"

enum event_kind { EVENT_RUN = 1, EVENT_JOB, EVENT_PROGRESS, EVENT_ALERT };

struct event {
    enum event_kind kind;
    uint64_t id;      /* of its kind: what it is about */
    int64_t run_id;   /* 0: of none */
    bool is_open;     /* it goes on: whoever begins to listen is told */
    bool may_vanish;  /* a run that may be in another state next time without having ended */
    int64_t at_us;    /* when it ended */
    const char *name; /* "run" */
    struct text json;
    uint64_t digest; /* of the JSON */
};

struct look {
    struct show *show;
    struct store *beside; /* of hook_events_open() */
    const struct company *company;
    int64_t since_us;
    const int64_t *runs; /* to be looked at however old they are */
    size_t runs_n;
};
/* Oldest runs first. All in the arena of `show`. */
enum rc_code events_look(const struct look *l, struct event **ret, size_t *ret_n,
                         struct rc_error *err);
