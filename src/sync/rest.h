/* rest.h - when a process that serves has come to rest, so that it gives back what work has left behind
 * (base/memory.h, store_rest()).
 *
 * Shape:  asked now and then by who has nothing else to do, with the CPU time of the process: little of
 *         it since the last look, whoever would have used it, is rest. Once a rest is enough: it is due
 *         again when something was done meanwhile. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

enum {
    REST_LOOK_S = 5,          /* so far apart are two looks at least */
    REST_APART_S = 60,        /* and two rests */
    REST_QUIET_PERMILLE = 50, /* of a CPU */
    REST_WORTH_MS = 20        /* after less CPU time than that there is nothing to give back */
};

struct rest { /* zeros to begin with */
    int64_t looked_us, looked_cpu_us;
    int64_t rested_us, rested_cpu_us;
};
/* busy: somebody is at work, however little CPU that needs. mono_us: by the monotonic clock. */
bool rest_is_due(struct rest *r, bool busy, int64_t mono_us, int64_t cpu_us);
int64_t rest_cpu_us(void); /* of all threads of this process */
