#include "sandbox/faults.h"
#include <stdio.h>
#include <string.h>
#include "sandbox/sandbox.h"

static const struct {
    unsigned systems;
    const char *name, *text;
} kinds[FAULT_KINDS] = {
#define FAULT(id, systems, name, text) { FAULT_OF_##systems, name, text },
#include "sandbox/faults.inc"
#undef FAULT
};
const char *fault_kind_name(enum fault_kind kind) {
    return kinds[kind].name;
}

void faults_print(unsigned systems) {
    for (size_t i = 0; i < FAULT_KINDS; i++)
        if (kinds[i].systems & systems)
            printf("%-20s %s\n", kinds[i].name, kinds[i].text);
}

void faults_init(struct faults *f, unsigned systems) {
    memset(f, 0, sizeof *f);
    f->systems = systems;
    pthread_mutex_init(&f->lock, NULL);
    f->next_number = 1;
}

void faults_done(struct faults *f) {
    pthread_mutex_destroy(&f->lock);
}

void faults_clear(struct faults *f) {
    pthread_mutex_lock(&f->lock);
    f->n = 0;
    pthread_mutex_unlock(&f->lock);
}

static bool route_is_known(const char *const *routes, unsigned routes_n, const char *route) {
    for (unsigned i = 0; i < routes_n; i++)
        if (strcmp(routes[i], route) == 0)
            return true;
    return strcmp(route, "*") == 0;
}

static void take_text(json body, const char *key, char *ret, size_t ret_bytes) {
    const char *text;
    size_t len;
    if (json_str(json_get(body, key), &text, &len))
        snprintf(ret, ret_bytes, "%s", text);
}

enum rc_code faults_add(struct faults *f, const char *const *routes, unsigned routes_n, json body,
                        int64_t now_us, uint64_t *ret_number, struct rc_error *err) {
    struct fault one = {
        .route = "*", .probability = 1, .kind = FAULT_KINDS, .retry_after_s = -1, .body = "own"
    };
    char kind[32] = "";
    int64_t seed = 1, from_ms = 0, until_ms = 0;
    take_text(body, "route", one.route, sizeof one.route);
    take_text(body, "kind", kind, sizeof kind);
    take_text(body, "body", one.body, sizeof one.body);
    take_text(body, "text", one.text, sizeof one.text);
    const struct {
        const char *key;
        int64_t *value;
    } numbers[] = {
        { "count", &one.count },   { "after", &one.after },
        { "status", &one.status }, { "retry_after", &one.retry_after_s },
        { "ms", &one.ms },         { "bytes", &one.bytes },
        { "at", &one.at },         { "depth", &one.depth },
        { "seed", &seed },         { "from_ms", &from_ms },
        { "until_ms", &until_ms },
    };
    for (size_t i = 0; i < RC_LEN(numbers); i++) {
        json value = json_get(body, numbers[i].key);
        if (value != NULL && (!json_int(value, numbers[i].value) || *numbers[i].value < 0))
            return rc_fail(err, RC_INVALID, "%s: not a number from 0", numbers[i].key);
    }
    json_real(json_get(body, "probability"), &one.probability);
    for (size_t i = 0; i < FAULT_KINDS; i++)
        if ((kinds[i].systems & f->systems) && strcmp(kinds[i].name, kind) == 0)
            one.kind = (enum fault_kind)i;
    if (one.kind == FAULT_KINDS)
        return rc_fail(err, RC_INVALID, "kind: there is no fault '%s'", kind);
    if (!route_is_known(routes, routes_n, one.route))
        return rc_fail(err, RC_INVALID, "route: there is no route '%s'", one.route);
    if ((one.kind == FAULT_STATUS || one.kind == FAULT_LATE_STATUS) &&
        (one.status < 200 || one.status > 599))
        return rc_fail(err, RC_INVALID, "status: between 200 and 599");
    one.from_us = now_us + from_ms * 1000;
    one.until_us = until_ms > 0 ? now_us + until_ms * 1000 : 0;
    rng_init(&one.rng, (uint64_t)seed, 11);
    pthread_mutex_lock(&f->lock);
    bool room = f->n < FAULTS_MAX;
    if (room) {
        *ret_number = one.number = f->next_number++;
        f->all[f->n++] = one;
    }
    pthread_mutex_unlock(&f->lock);
    return room ? RC_OK : rc_fail(err, RC_INVALID, "there are %d faults already", FAULTS_MAX);
}

bool faults_pick(struct faults *f, const char *route, int64_t now_us, struct fault *ret) {
    bool found = false;
    pthread_mutex_lock(&f->lock);
    for (size_t i = 0; i < f->n && !found; i++) {
        struct fault *one = &f->all[i];
        if (strcmp(one->route, "*") != 0 && strcmp(one->route, route) != 0)
            continue;
        if (now_us < one->from_us || (one->until_us > 0 && now_us >= one->until_us))
            continue;
        if (one->seen++ < (uint64_t)one->after ||
            (one->count > 0 && one->fired >= (uint64_t)one->count))
            continue;
        if (one->probability < 1 && rng_unit(&one->rng) >= one->probability)
            continue;
        one->fired++;
        *ret = *one;
        found = true;
    }
    pthread_mutex_unlock(&f->lock);
    return found;
}

void faults_write(struct faults *f, struct buf *ret) {
    struct json_writer w;
    pthread_mutex_lock(&f->lock);
    json_begin(&w, ret);
    json_object(&w, NULL);
    json_array(&w, "faults");
    for (size_t i = 0; i < f->n; i++) {
        const struct fault *one = &f->all[i];
        json_object(&w, NULL);
        json_put_int(&w, "number", (int64_t)one->number);
        json_put_cstr(&w, "route", one->route);
        json_put_cstr(&w, "kind", kinds[one->kind].name);
        json_put_int(&w, "seen", (int64_t)one->seen);
        json_put_int(&w, "fired", (int64_t)one->fired);
        json_object_end(&w);
    }
    json_array_end(&w);
    json_object_end(&w);
    pthread_mutex_unlock(&f->lock);
}
