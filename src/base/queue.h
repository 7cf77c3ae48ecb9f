/* queue.h - a bounded queue of pointers between two threads: how a reader and a storing thread
 * keep step.
 *
 * Order:  one or several producers, one or several consumers; first in, first out, but for
 *         queue_push_first(). push blocks while full, pop while empty. After queue_end() pop drains
 *         what is left and then returns false; after queue_cancel() both return false at once and
 *         what is left stays with whoever calls queue_drain().
 * Memory: the queue never owns what it carries. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/cleanup.h"

struct queue;
struct queue *queue_new(size_t capacity);
void queue_free(struct queue *q);
RC_CLEANUP_FN(struct queue, queue_free)
/* false: cancelled (or ended), the item stays the caller's */
bool queue_push(struct queue *q, void *item);
bool queue_push_first(struct queue *q, void *item); /* the next that is popped */
bool queue_pop(struct queue *q, void **ret);
/* As queue_pop() for at most so long: 1 got one, 0 nothing came in that time, -1 there will be
 * nothing more. */
int queue_pop_wait(struct queue *q, void **ret, int64_t us);
/* For the one who takes from it alone: up to `most` at once. Sleeps until `enough` are there, or some
 * after linger_us, or any after us; 0: none came in that time, or none will. */
size_t queue_take(struct queue *q, void **ret, size_t most, size_t enough, int64_t linger_us,
                  int64_t us);
void queue_end(struct queue *q);
void queue_cancel(struct queue *q);
bool queue_drain(struct queue *q, void **ret); /* never blocks; false when empty */
