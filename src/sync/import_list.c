/* Reading everybody: three threads, from HR's pages to what is staged. */
#include <pthread.h>
#include <string.h>
#include "base/cleanup.h"
#include "base/log.h"
#include "base/queue.h"
#include "sync/import_p.h"
#include "sync/listing.h"
#include "sync/stopping.h"

enum { QUEUE_PAGES = 12, BATCHES = QUEUE_PAGES + 3, LISTING_ATTEMPTS = 3, POP_WAIT_US = 1000000 };

/* Three threads, a bounded queue between each two. The reader fetches and parses; the preparer
 * makes of each row what can be made without the directory; the caller's thread stages. Batches
 * travel read -> prepared and come back through `empty`. */
struct batch {
    struct source_page *page;
    struct arena arena; /* of the prepared people */
    struct prepared *people;
    enum rc_code *codes; /* of each row: RC_INVALID has no usable id */
};
struct line {
    struct import *im;
    struct queue *empty, *read, *prepared;
    bool all_join; /* most likely whoever comes is a joiner: prepared as one */
    enum rc_code reader_rc, preparer_rc;
    struct rc_error reader_err, preparer_err;
};

static void *reader_main(void *self) {
    struct line *l = self;
    const struct source_ops *ops = l->im->source->ops;
    void *item;
    enum source_end end = SOURCE_MORE;
    l->reader_rc = ops->list_begin(l->im->source, 0, &l->reader_err);
    while (l->reader_rc == RC_OK && end == SOURCE_MORE && queue_pop(l->empty, &item)) {
        struct batch *b = item;
        if ((l->reader_rc = ops->list_next(l->im->source, b->page, &l->reader_err)) != RC_OK)
            break;
        end = b->page->end;
        if (!queue_push(l->read, b))
            break;
    }
    queue_end(l->read);
    return NULL;
}

static enum rc_code prepare_batch(const struct line *l, struct prepare *p, struct batch *b,
                                  struct rc_error *err) {
    const struct source *source = l->im->source;
    arena_reset(&b->arena);
    /* not zeroed: 100 of them are much, and what is read has been written */
    b->people = arena_alloc(&b->arena, (b->page->rows_n + 1) * sizeof *b->people);
    b->codes = ARENA_NEW(&b->arena, enum rc_code, b->page->rows_n + 1);
    for (size_t i = 0; i < b->page->rows_n; i++) {
        struct prepared *one = &b->people[i];
        b->codes[i] = source->ops->page_read(source, b->page, i, &b->arena, &one->employee, err);
        if (b->codes[i] == RC_INVALID)
            continue;
        if (b->codes[i] != RC_OK)
            return b->codes[i];
        prepare_person(p, one);
        if (l->all_join)
            prepare_joiner(p, one, &b->arena);
    }
    return RC_OK;
}

static void *preparer_main(void *self) {
    struct line *l = self;
    struct prepare p;
    void *item;
    stage_prepare_init(l->im->stage, &p);
    while (l->preparer_rc == RC_OK && queue_pop(l->read, &item))
        if ((l->preparer_rc = prepare_batch(l, &p, item, &l->preparer_err)) == RC_OK &&
            !queue_push(l->prepared, item))
            break;
    prepare_done(&p);
    queue_end(l->prepared);
    return NULL;
}

static enum rc_code stage_batch(struct import *im, const struct batch *b, struct listing *l,
                                struct rc_error *err) {
    listing_page(l, b->page);
    for (size_t i = 0; i < b->page->rows_n; i++)
        if (b->codes[i] != RC_INVALID)
            stage_ahead(im->stage, &b->people[i]);
    for (size_t i = 0; i < b->page->rows_n; i++) {
        enum roll_sight sight;
        if (b->codes[i] == RC_INVALID) {
            listing_unreadable(l);
            continue;
        }
        enum rc_code rc = stage_prepared(im->stage, &b->people[i], &sight, err);
        if (rc != RC_OK)
            return rc;
        listing_row(l, sight);
    }
    if (im->progress != NULL) {
        atomic_store(&im->progress->read, im->run->counts.read);
        atomic_store(&im->progress->declared, l->declared);
        atomic_store(&im->progress->staged, im->run->counts.joiners + im->run->counts.changed);
    }
    return RC_OK;
}

static enum rc_code consume(struct line *line, struct listing *l, struct rc_error *err) {
    struct import *im = line->im;
    enum rc_code rc = RC_OK;
    void *item;
    for (;;) {
        int waited = queue_pop_wait(line->prepared, &item, POP_WAIT_US);
        if (waited < 0)
            break;
        /* the next page is read into what the caches still have */
        if (waited > 0 && (rc = stage_batch(im, item, l, err)) == RC_OK)
            queue_push_first(line->empty, item);
        if (rc != RC_OK || (rc = stage_beat(im->stage, err)) != RC_OK ||
            (rc = stopping_asked(im->c.clock, err)) != RC_OK)
            break;
        if (im->progress != NULL)
            atomic_store(&im->progress->waiting_until_us,
                         atomic_load(&im->source->waiting_until_us));
    }
    return rc;
}

static enum rc_code start(pthread_t *thread, void *(*fn)(void *), struct line *line,
                          struct rc_error *err) {
    int no = pthread_create(thread, NULL, fn, line);
    return no == 0 ? RC_OK : rc_fail(err, RC_RETRY, "no thread for reading: %s", strerror(no));
}

static enum rc_code run_line(struct line *line, struct listing *l, struct rc_error *err) {
    pthread_t reader, preparer;
    enum rc_code rc = start(&preparer, preparer_main, line, err), reading;
    if (rc != RC_OK)
        return rc;
    /* Whatever the reader met: the rest who are known are counted, as a failed run tells of how many. */
    if ((reading = start(&reader, reader_main, line, err)) == RC_OK &&
        (rc = consume(line, l, err)) == RC_OK)
        rc = stage_load_roll(line->im->stage, err);
    queue_cancel(line->prepared);
    queue_cancel(line->read);
    queue_cancel(line->empty);
    if (reading == RC_OK)
        pthread_join(reader, NULL);
    pthread_join(preparer, NULL);
    if (reading != RC_OK || rc != RC_OK)
        return reading != RC_OK ? reading : rc;
    bool prepared = line->preparer_rc == RC_OK;
    if (err != NULL && (!prepared || line->reader_rc != RC_OK))
        *err = prepared ? line->reader_err : line->preparer_err;
    return prepared ? line->reader_rc : line->preparer_rc;
}

static enum rc_code list_once(struct import *im, struct listing *l, struct rc_error *err) {
    RC_CLEANUP(queue_freep) struct queue *empty = queue_new(BATCHES);
    RC_CLEANUP(queue_freep) struct queue *read = queue_new(QUEUE_PAGES);
    RC_CLEANUP(queue_freep) struct queue *prepared = queue_new(QUEUE_PAGES);
    const struct source_ops *ops = im->source->ops;
    struct batch batches[BATCHES] = { 0 };
    struct line line = { .im = im,
                         .empty = empty,
                         .read = read,
                         .prepared = prepared,
                         .all_join = import_is_first(im) };
    for (size_t i = 0; i < BATCHES; i++) {
        batches[i].page = ops->page_new(im->source);
        arena_init(&batches[i].arena);
        queue_push(empty, &batches[i]);
    }
    listing_begin(l);
    enum rc_code rc = run_line(&line, l, err);
    for (size_t i = 0; i < BATCHES; i++) {
        ops->page_free(batches[i].page);
        arena_done(&batches[i].arena);
    }
    return rc;
}

enum rc_code import_list(struct import *im, struct rc_error *err) {
    struct buf reason, proof;
    enum rc_code rc = RC_OK;
    bool complete = false;
    buf_init(&reason, 1000);
    buf_init(&proof, 4000);
    for (int attempt = 1; attempt <= LISTING_ATTEMPTS && !complete && rc == RC_OK; attempt++) {
        struct listing l;
        if (im->progress != NULL)
            atomic_store(&im->progress->attempt, attempt);
        if (attempt > 1) {
            log_warn("run=%lld listing=incomplete attempt=%d reason=\"%s\"",
                     (long long)im->run->run_id, attempt - 1, reason.ptr);
            if ((rc = stage_restart(im->stage, err)) != RC_OK)
                break;
        }
        if ((rc = list_once(im, &l, err)) != RC_OK)
            break;
        buf_clear(&reason);
        buf_clear(&proof);
        complete = listing_is_complete(&l, roll_seen(stage_roll(im->stage)), &reason);
        listing_write(&l, roll_seen(stage_roll(im->stage)), complete, reason.ptr, &proof);
    }
    im->run->proof =
        text_from(arena_copy(im->arena, proof.ptr != NULL ? proof.ptr : "", proof.len), proof.len);
    if (rc == RC_OK && !complete)
        rc = rc_fail_as(
            err, RC_RETRY, "listing.incomplete",
            "the list could not be proven complete, so nothing was changed: %s (read %d times)",
            reason.ptr, LISTING_ATTEMPTS);
    buf_done(&reason);
    buf_done(&proof);
    return rc;
}
