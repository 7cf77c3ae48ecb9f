#include "sync/rest.h"

#include <time.h>

bool rest_is_due(struct rest *r, bool busy, int64_t mono_us, int64_t cpu_us) {
    int64_t us = mono_us - r->looked_us, used_us = cpu_us - r->looked_cpu_us;
    bool is_first = r->looked_us == 0;
    if (!is_first && us < REST_LOOK_S * INT64_C(1000000))
        return false;
    r->looked_us = mono_us;
    r->looked_cpu_us = cpu_us;
    if (is_first || busy || used_us * 1000 > us * REST_QUIET_PERMILLE ||
        mono_us - r->rested_us < REST_APART_S * INT64_C(1000000) ||
        cpu_us - r->rested_cpu_us < REST_WORTH_MS * INT64_C(1000))
        return false;
    r->rested_us = mono_us;
    r->rested_cpu_us = cpu_us;
    return true;
}

int64_t rest_cpu_us(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}
