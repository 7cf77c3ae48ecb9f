/* shadow.c - people as they were a moment ago: what the API goes on showing for a while after an edit
 * whose event is already on its way (switch webhooks.read-lag-ms). */
#include "base/arena.h"
#include "sandbox/personio/world.h"

static struct edit *edits_copy(const struct edit *e) {
    struct edit *first = NULL, **at = &first;
    for (; e != NULL; e = e->next, at = &(*at)->next) {
        *at = mem_zalloc(sizeof **at);
        (*at)->attr = e->attr;
        (*at)->text = e->text == NULL ? NULL : mem_str(e->text);
    }
    return first;
}

void world_keep(struct world *w, uint32_t index) {
    if (w->keep_until_us == 0)
        return;
    for (size_t i = 0; i < w->shadows_n; i++)
        if (w->shadows[i].index == index && w->shadows[i].until_us == w->keep_until_us)
            return; /* another attribute of the same edit */
    if (w->shadows_n == w->shadows_cap) {
        w->shadows_cap = w->shadows_cap == 0 ? 64 : w->shadows_cap * 2;
        w->shadows = mem_realloc(w->shadows, w->shadows_cap * sizeof *w->shadows);
    }
    struct shadow *s = &w->shadows[w->shadows_n++];
    *s = (struct shadow){ w->people[index], index, w->keep_until_us };
    s->was.edits = edits_copy(s->was.edits);
    int64_t next = atomic_load(&w->shadows_next_us);
    if (next == 0 || w->keep_until_us < next)
        atomic_store(&w->shadows_next_us, w->keep_until_us);
}

/* Somebody who was not there before: shown only when the time is over. */
void world_keep_none(struct world *w, uint32_t index) {
    size_t before = w->shadows_n;
    world_keep(w, index);
    if (w->shadows_n > before)
        w->shadows[before].was.exists = false;
}

const struct person *world_shown(const struct world *w, uint32_t index) {
    for (size_t i = 0; i < w->shadows_n; i++) /* the oldest stands first */
        if (w->shadows[i].index == index)
            return &w->shadows[i].was;
    return &w->people[index];
}

size_t world_shadows_end(struct world *w, int64_t now_us) {
    size_t kept = 0, all = w->shadows_n;
    int64_t next = 0;
    for (size_t i = 0; i < all; i++) {
        struct shadow *s = &w->shadows[i];
        if (s->until_us > now_us) {
            next = next == 0 || s->until_us < next ? s->until_us : next;
            w->shadows[kept++] = *s;
            continue;
        }
        edits_free(s->was.edits);
    }
    w->shadows_n = kept;
    atomic_store(&w->shadows_next_us, next);
    return all - kept;
}

void edits_free(struct edit *e) {
    for (struct edit *next; e != NULL; e = next) {
        next = e->next;
        mem_free(e->text);
        mem_free(e);
    }
}
