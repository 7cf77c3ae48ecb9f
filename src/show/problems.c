#include "show/problems.h"

#include <string.h>
#include "people/why.h"

const char *problems_cause_name(int cause) {
    static const char *const names[] = { "shared-email", "unknown-manager", "manager-left" };
    return cause < PROBLEMS_N ? problem_name((enum problem)cause) : names[cause - PROBLEMS_N];
}

const char *problems_cause_todo(int cause) {
    static const char *const todo[] = {
        "several people state the same address: correct it in HR, the platform can have one of them only",
        "the supervisor is nobody we know (deleted in HR, or not visible to us): enter another one in HR",
        "the supervisor has left: enter another one in HR",
    };
    return cause < PROBLEMS_N ? problem_sentence((enum problem)cause) : todo[cause - PROBLEMS_N];
}

int problems_cause_parse(const char *word) {
    int cause = 0;
    while (cause < PROBLEMS_CAUSES_N && strcmp(word, problems_cause_name(cause)) != 0)
        cause++;
    return cause;
}

struct look { /* while it is being found */
    const struct show *s;
    const struct company *co;
    struct problems *f;
    struct show_reader reader;
    struct arena words;                /* of one person */
    struct problems_who *first, *last; /* by user id */
};

static const char *key_of(struct look *l, int64_t integration_id, struct text id) {
    return arena_printf(&l->words, "%lld/%.*s", (long long)integration_id, TEXT_ARG(id));
}

static void add(struct look *l, int cause, struct problems_entry e) {
    struct problems *f = l->f;
    if (f->only != 0 && e.who->integration_id != f->only)
        return;
    if (f->n[cause] == f->cap[cause]) {
        f->cap[cause] = f->cap[cause] != 0 ? f->cap[cause] * 2 : 32;
        struct problems_entry *more = ARENA_NEW(l->s->arena, struct problems_entry, f->cap[cause]);
        if (f->n[cause] > 0)
            memcpy(more, f->entries[cause], f->n[cause] * sizeof *more);
        f->entries[cause] = more;
    }
    f->entries[cause][f->n[cause]++] = e;
}

/* ---- finding ---- */

static struct problems_who *meet(struct look *l, const struct person *p,
                                 const struct show_view *v) {
    struct arena *a = l->s->arena;
    struct text name = show_name(&v->user, a), email = v->user.fields[USER_EMAIL];
    struct problems_who *who = ARENA_NEW(a, struct problems_who, 1);
    const char *key = key_of(l, p->integration_id, p->source_id);
    *who = (struct problems_who){ .user_id = p->user_id,
                                  .integration_id = p->integration_id,
                                  .id = arena_str(a, p->source_id.ptr, p->source_id.len),
                                  .name = name.state == TEXT_SET ? arena_str(a, name.ptr, name.len)
                                                                 : "",
                                  .email = text_copy(a, email),
                                  .has_left = lifecycle_is_gone(v->lifecycle) };
    if (l->last != NULL)
        l->last->following = who;
    else
        l->first = who;
    l->last = who;
    who->counts = !who->has_left && v->user.fields[USER_EXCLUDED].state != TEXT_SET;
    map_set(&l->f->people, key, strlen(key), who);
    if (who->counts && email.state == TEXT_SET) {
        who->next = map_find(&l->f->addresses, email.ptr, email.len);
        map_set(&l->f->addresses, email.ptr, email.len, who);
    }
    if (who->counts)
        who->manager = text_copy(a, v->user.fields[USER_MANAGER]);
    return who;
}

static void find_own(struct look *l, const struct person *p, const struct show_view *v,
                     const struct problems_who *who) {
    struct buf b;
    buf_init(&b, 8000);
    for (int i = 0; i < PROBLEMS_N; i++) {
        if ((p->problems >> i & 1) == 0)
            continue;
        buf_clear(&b);
        why_problem((enum problem)i, &v->user, &b);
        add(l, i, (struct problems_entry){ who, arena_str(l->s->arena, b.ptr, b.len), NULL });
    }
    buf_done(&b);
}

/* When everybody has been met. */
static void find_manager(struct look *l, const struct problems_who *who) {
    struct text id = who->manager;
    if (id.state != TEXT_SET || text_is(id, who->id)) /* their own manager: told already */
        return;
    const char *key = key_of(l, who->integration_id, id);
    const struct problems_who *manager = map_find(&l->f->people, key, strlen(key));
    if (manager != NULL && !manager->has_left)
        return;
    const char *text =
        manager == NULL
            ? arena_printf(l->s->arena, "the supervisor is %.*s, whom we do not know", TEXT_ARG(id))
            : arena_printf(l->s->arena, "the supervisor is %s (%s), who has left", manager->name,
                           manager->id);
    add(l, manager == NULL ? PROBLEMS_UNKNOWN_MANAGER : PROBLEMS_MANAGER_LEFT,
        (struct problems_entry){ who, text, NULL });
}

/* The others who state the same address, as a sentence: some by name, and how many more. */
static void say_sharers(const struct problems_who *first, size_t all,
                        const struct problems_who *who, struct buf *ret) {
    size_t named = 0;
    buf_printf(ret, "%.*s is stated by", TEXT_ARG(who->email));
    for (const struct problems_who *o = first; o != NULL && named < PROBLEMS_NAMED_MOST;
         o = o->next)
        if (o != who)
            buf_printf(ret, "%s %s (%s)", named++ > 0 ? "," : "", o->name, o->id);
    if (all - 1 > named)
        buf_printf(ret, " and %zu more", all - 1 - named);
    buf_str(ret, " too");
}

static void find_sharers(struct look *l) {
    struct buf b;
    buf_init(&b, 1 << 16);
    for (size_t i = 0; i < l->f->addresses.n; i++) {
        const struct problems_who *first = l->f->addresses.entries[i].value;
        size_t all = 0;
        for (const struct problems_who *who = first; who != NULL; who = who->next)
            all++;
        for (const struct problems_who *who = first; all > 1 && who != NULL; who = who->next) {
            buf_clear(&b);
            say_sharers(first, all, who, &b);
            add(l, PROBLEMS_SHARED_EMAIL,
                (struct problems_entry){ who, arena_str(l->s->arena, b.ptr, b.len), first });
        }
    }
    buf_done(&b);
}

static enum rc_code look_at(void *self, const struct person *p, struct arena *page,
                            struct rc_error *err) {
    struct look *l = self;
    struct show_view v;
    (void)page;
    arena_reset(&l->words);
    enum rc_code rc =
        show_view(&l->reader, p, show_listed_of(&l->f->all, p->integration_id), &l->words, &v, err);
    if (rc != RC_OK)
        return rc;
    const struct problems_who *who = meet(l, p, &v);
    if (who->counts)
        find_own(l, p, &v, who);
    return RC_OK;
}

enum rc_code problems_find(const struct show *s, const struct company *co, int64_t only,
                           struct problems *ret, struct rc_error *err) {
    struct look l = { .s = s, .co = co, .f = ret };
    *ret = (struct problems){ .only = only };
    map_init(&ret->people);
    map_init(&ret->addresses);
    enum rc_code rc = show_subjects(s, co, &ret->all, err);
    if (rc != RC_OK || (rc = show_reader_open(co, clock_now_us(s->clock), &l.reader, err)) != RC_OK)
        return rc;
    arena_init(&l.words);
    if ((rc = directory_each(s->st, co->company_id, 0, look_at, &l, err)) == RC_OK) {
        for (const struct problems_who *who = l.first; who != NULL; who = who->following) {
            arena_reset(&l.words);
            find_manager(&l, who);
        }
        find_sharers(&l);
    }
    arena_done(&l.words);
    show_reader_close(&l.reader);
    return rc;
}

void problems_done(struct problems *f) {
    map_done(&f->people);
    map_done(&f->addresses);
}

/* ---- as JSON ---- */

struct text problems_integration(const struct problems *f, const struct problems_who *who) {
    const struct integration *in = show_integration_of(&f->all, who->integration_id);
    return in != NULL ? in->key : TEXT_NONE;
}

void problems_begin(struct json_writer *w, int cause) {
    json_object(w, NULL);
    json_put_cstr(w, "problem", problems_cause_name(cause));
    json_put_cstr(w, "todo", problems_cause_todo(cause));
    json_array(w, "people");
}

void problems_end(struct json_writer *w) {
    json_array_end(w);
    json_object_end(w);
}

void problems_put(struct json_writer *w, const struct problems *f, const struct problems_entry *e) {
    json_object(w, NULL);
    json_put_cstr(w, "person", e->who->id);
    json_put_cstr(w, "name", e->who->name);
    json_put_text(w, "integration", problems_integration(f, e->who));
    show_put_text(w, "email", e->who->email);
    json_put_cstr(w, "text", e->text);
    json_array(w, "with");
    size_t named = 0;
    for (const struct problems_who *o = e->with; o != NULL && named < PROBLEMS_NAMED_MOST;
         o = o->next) {
        if (o->user_id == e->who->user_id) /* in kept ones it is a copy */
            continue;
        named++;
        json_object(w, NULL);
        json_put_cstr(w, "person", o->id);
        json_put_cstr(w, "name", o->name);
        json_object_end(w);
    }
    json_array_end(w);
    json_object_end(w);
}
