#include "tests/sync/maps.h"

#include "store/mapping_text.h"

int64_t maps_draft(struct world *w, const char *text) {
    struct mapping_text t = { .source = text_of(text), .made_by = text_of("mira"), .made_us = T0 };
    int64_t id;
    OK(mapping_text_add(w->bed->st, w->bed->company_id, w->bed->in.integration_id, &t, &id, &why));
    return id;
}

struct integration maps_integration(struct world *w) {
    struct integration in;
    struct bed *b = w->bed;
    OK(integration_get(b->st, b->company_id, b->in.integration_id, b->key, &b->a, &in, &why));
    return in;
}

enum rc_code maps_activate(struct world *w, int64_t id, bool preview, struct run *ret) {
    struct integration in = maps_integration(w);
    struct mapped_options o = { .mapping_id = id, .preview = preview, .clock = &w->clock };
    clock_fake_move(&w->fake, (int64_t)HOUR_S * 1000000);
    return mapped_activate(w->bed->st, w->bed->key, &w->company, &in, &o, &w->bed->a, ret, &w->err);
}

struct run maps_activated(struct world *w, int64_t id) {
    struct run r;
    if (maps_activate(w, id, false, &r) != RC_OK)
        fail_msg("activating %lld: %s", (long long)id, w->err.text);
    return r;
}

const struct mapping *maps_parsed(struct world *w, const char *text) {
    const struct mapping *m = NULL;
    struct rc_error err = { 0 };
    if (mapping_parse(text_of(text), NULL, &w->bed->a, &m, NULL, &err) != RC_OK)
        fail_msg("%s: %s", text, err.text);
    return m;
}
