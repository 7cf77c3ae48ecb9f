#include <pthread.h>
#include <sched.h>
#include "tests/base/helper.h"
#include "base/queue.h"

enum { ITEMS_N = 20000 };
static unsigned char seen[2 * ITEMS_N]; /* each index is written by the one thread that popped it */

struct party {
    struct queue *q;
    size_t from, n;
    bool in_order;
};

static void *produce(void *arg) {
    struct party *p = arg;
    for (size_t i = 0; i < ITEMS_N; i++)
        p->n += queue_push(p->q, &seen[p->from + i]);
    return NULL;
}

static void *consume(void *arg) {
    struct party *p = arg;
    void *item, *last = NULL;
    p->in_order = true;
    while (queue_pop(p->q, &item)) {
        ++*(unsigned char *)item;
        p->in_order = p->in_order && (uintptr_t)item > (uintptr_t)last;
        last = item;
        p->n++;
    }
    return NULL;
}

static void join_all(pthread_t *threads, size_t n) {
    for (size_t i = 0; i < n; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
}

static void one_producer_one_consumer_keep_the_order(void **state) {
    RC_CLEANUP(queue_freep) struct queue *q = queue_new(4);
    struct party from = { q, 0, 0, false }, to = { q, 0, 0, false };
    pthread_t threads[2];
    (void)state;
    memset(seen, 0, sizeof seen);
    assert_int_equal(pthread_create(&threads[1], NULL, consume, &to), 0);
    assert_int_equal(pthread_create(&threads[0], NULL, produce, &from), 0);
    join_all(threads, 1);
    queue_end(q);
    join_all(threads + 1, 1);
    assert_int_equal(from.n, ITEMS_N);
    assert_int_equal(to.n, ITEMS_N);
    assert_true(to.in_order);
}

static void several_on_both_sides_lose_and_double_nothing(void **state) {
    RC_CLEANUP(queue_freep) struct queue *q = queue_new(3);
    struct party from[2] = { { q, 0, 0, false }, { q, ITEMS_N, 0, false } };
    struct party to[2] = { { q, 0, 0, false }, { q, 0, 0, false } };
    pthread_t threads[4];
    (void)state;
    memset(seen, 0, sizeof seen);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, produce, &from[i]), 0);
        assert_int_equal(pthread_create(&threads[2 + i], NULL, consume, &to[i]), 0);
    }
    join_all(threads, 2);
    queue_end(q);
    join_all(threads + 2, 2);
    assert_int_equal(to[0].n + to[1].n, 2 * ITEMS_N);
    for (size_t i = 0; i < sizeof seen; i++)
        assert_int_equal(seen[i], 1);
}

static void after_the_end_what_is_left_is_popped_and_nothing_is_pushed(void **state) {
    RC_CLEANUP(queue_freep) struct queue *q = queue_new(2);
    void *item = NULL;
    (void)state;
    assert_true(queue_push(q, &seen[0]));
    assert_true(queue_push(q, NULL)); /* NULL is an item as any other */
    queue_end(q);
    assert_false(queue_push(q, &seen[2]));
    assert_true(queue_pop(q, &item));
    assert_ptr_equal(item, &seen[0]);
    assert_true(queue_pop(q, &item));
    assert_null(item);
    assert_false(queue_pop(q, &item));
}

static void after_a_cancel_only_drain_gives_what_is_left(void **state) {
    RC_CLEANUP(queue_freep) struct queue *q = queue_new(2);
    void *item = NULL;
    (void)state;
    assert_false(queue_drain(q, &item)); /* never waits */
    assert_true(queue_push(q, &seen[0]));
    assert_true(queue_push(q, &seen[1]));
    queue_cancel(q);
    assert_false(queue_push(q, &seen[2]));
    assert_false(queue_pop(q, &item));
    assert_null(item);
    assert_true(queue_drain(q, &item));
    assert_ptr_equal(item, &seen[0]);
    assert_true(queue_drain(q, &item));
    assert_ptr_equal(item, &seen[1]);
    assert_false(queue_drain(q, &item));
}

/* The threads block for certain sooner or later (one item fits, nobody pops or pushes), and must
 * come back. */
static void a_cancel_wakes_whoever_waits(void **state) {
    (void)state;
    for (int i = 0; i < 50; i++) {
        RC_CLEANUP(queue_freep) struct queue *full = queue_new(1), *empty = queue_new(1);
        struct party from = { full, 0, 0, false }, to = { empty, 0, 0, false };
        pthread_t threads[2];
        void *item;
        assert_int_equal(pthread_create(&threads[0], NULL, produce, &from), 0);
        assert_int_equal(pthread_create(&threads[1], NULL, consume, &to), 0);
        if (i % 2 == 0)
            sched_yield();
        queue_cancel(full);
        queue_cancel(empty);
        join_all(threads, 2);
        assert_true(from.n <= 1);
        assert_int_equal(to.n, 0);
        assert_int_equal(queue_drain(full, &item), from.n == 1);
    }
}

static void waiting_for_a_while_tells_item_time_out_and_end_apart(void **state) {
    RC_CLEANUP(queue_freep) struct queue *q = queue_new(2);
    void *item = NULL;
    (void)state;
    assert_int_equal(queue_pop_wait(q, &item, 1000), 0);
    assert_null(item);
    assert_true(queue_push(q, &seen[0]));
    assert_true(queue_push(q, &seen[1]));
    assert_int_equal(queue_pop_wait(q, &item, 0), 1);
    assert_ptr_equal(item, &seen[0]);
    queue_end(q);
    assert_int_equal(queue_pop_wait(q, &item, 60000000), 1);
    assert_ptr_equal(item, &seen[1]);
    assert_int_equal(queue_pop_wait(q, &item, 60000000), -1);
    queue_cancel(q);
    assert_int_equal(queue_pop_wait(q, &item, 60000000), -1);
}

struct late {
    struct queue *q;
    size_t n;
};

static void *push_some(void *self) {
    struct late *l = self;
    for (size_t i = 0; i < l->n; i++)
        queue_push(l->q, &seen[i]);
    return NULL;
}

static void several_are_taken_at_once_or_as_many_as_came_in_time(void **state) {
    RC_CLEANUP(queue_freep) struct queue *q = queue_new(4);
    struct late late = { q, 4 };
    void *items[4] = { 0 };
    pthread_t thread;
    (void)state;
    assert_int_equal(queue_take(q, items, 4, 4, 1000, 1000), 0);
    assert_int_equal(pthread_create(&thread, NULL, push_some, &late), 0);
    assert_int_equal(queue_take(q, items, 4, 4, 60000000, 60000000), 4);
    for (size_t i = 0; i < 4; i++)
        assert_ptr_equal(items[i], &seen[i]);
    join_all(&thread, 1);
    late.n = 2; /* fewer than enough: they are waited for no longer */
    assert_int_equal(pthread_create(&thread, NULL, push_some, &late), 0);
    join_all(&thread, 1);
    assert_int_equal(queue_take(q, items, 1, 4, 1000, 60000000), 1);
    assert_int_equal(queue_take(q, items, 4, 400, 1000, 60000000), 1);
    assert_ptr_equal(items[0], &seen[1]);
    late.n = 4; /* more than enough cannot be there */
    assert_int_equal(pthread_create(&thread, NULL, push_some, &late), 0);
    assert_int_equal(queue_take(q, items, 4, 400, 60000000, 60000000), 4);
    join_all(&thread, 1);
    late.n = 1;
    assert_int_equal(pthread_create(&thread, NULL, push_some, &late), 0);
    assert_int_equal(queue_take(q, items, 4, 4, 0, 60000000), 1);
    join_all(&thread, 1);
    queue_push(q, &seen[0]);
    queue_end(q);
    assert_int_equal(queue_take(q, items, 4, 4, 60000000, 60000000), 1);
    assert_int_equal(queue_take(q, items, 4, 4, 60000000, 60000000), 0);
    queue_cancel(q);
    assert_int_equal(queue_take(q, items, 4, 4, 60000000, 60000000), 0);
}

static void what_is_pushed_first_is_popped_next(void **state) {
    static const int want[] = { 4, 3, 1, 2 };
    RC_CLEANUP(queue_freep) struct queue *q = queue_new(4);
    int items[5];
    void *got;
    (void)state;
    assert_true(queue_push(q, &items[0]) && queue_pop(q, &got)); /* not at the start of the ring */
    assert_true(queue_push(q, &items[1]) && queue_push(q, &items[2]));
    assert_true(queue_push_first(q, &items[3]) && queue_push_first(q, &items[4]));
    for (size_t i = 0; i < RC_LEN(want); i++) {
        assert_true(queue_pop(q, &got));
        assert_ptr_equal(got, &items[want[i]]);
    }
    assert_false(queue_drain(q, &got));
    queue_cancel(q);
    assert_false(queue_push_first(q, &items[0]));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_producer_one_consumer_keep_the_order),
        cmocka_unit_test(several_on_both_sides_lose_and_double_nothing),
        cmocka_unit_test(after_the_end_what_is_left_is_popped_and_nothing_is_pushed),
        cmocka_unit_test(after_a_cancel_only_drain_gives_what_is_left),
        cmocka_unit_test(a_cancel_wakes_whoever_waits),
        cmocka_unit_test(waiting_for_a_while_tells_item_time_out_and_end_apart),
        cmocka_unit_test(what_is_pushed_first_is_popped_next),
        cmocka_unit_test(several_are_taken_at_once_or_as_many_as_came_in_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
