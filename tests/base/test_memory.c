#include "tests/check.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include "base/arena.h"
#include "base/memory.h"

enum { THREADS = 6, PIECES = 1000, PIECE_BYTES = 8600 };
static pthread_barrier_t full, ended;

/* Each takes 8 MB, frees them and goes on living, as the threads of a service do. Freed backwards they become
 * the end of their arena; forwards, much of them stays in front of it. */
static void *user_main(void *self) {
    void *pieces[PIECES];
    bool is_backwards = *(const bool *)self;
    for (size_t i = 0; i < PIECES; i++)
        memset(pieces[i] = mem_alloc(PIECE_BYTES), 1, PIECE_BYTES);
    for (size_t i = 0; i < PIECES; i++)
        mem_free(pieces[is_backwards ? PIECES - 1 - i : i]);
    pthread_barrier_wait(&full);
    pthread_barrier_wait(&ended);
    return NULL;
}

static int64_t resident_kb(void) {
    char line[200];
    long long kb = 0, found = 0;
    FILE *f = fopen("/proc/self/smaps_rollup", "re");
    assert_non_null(f);
    while (fgets(line, sizeof line, f) != NULL)
        if (sscanf(line, "Private_Dirty: %lld", &kb) == 1)
            found = kb;
    fclose(f);
    return found;
}

static void what_threads_have_freed_goes_back_though_they_live(void **state) {
    static const bool is_backwards[] = { true, false };
    pthread_t threads[THREADS];
    (void)state;
    memory_set_up();
    int64_t before = resident_kb();
    pthread_barrier_init(&full, NULL, THREADS + 1);
    pthread_barrier_init(&ended, NULL, THREADS + 1);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, user_main, (void *)&is_backwards[i % 2]),
                         0);
    pthread_barrier_wait(&full);
    assert_true(resident_kb() - before > 8 * 1024); /* else there is nothing to see */
    memory_give_back();
#ifndef __SANITIZE_ADDRESS__ /* with another malloc, which keeps what is freed on purpose */
    assert_true(resident_kb() - before < 3 * 1024);
#endif
    memory_give_back(); /* nothing is left, and nothing breaks */
    pthread_barrier_wait(&ended);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    pthread_barrier_destroy(&full);
    pthread_barrier_destroy(&ended);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_threads_have_freed_goes_back_though_they_live),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
