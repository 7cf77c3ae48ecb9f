/* maker.h - random mappings, most of them sound, for tests; and what spoils them.
 *
 * Shape:  each function writes one text into `out`, over what stands there. The generator and the
 *         buffer (of a mapping's size at least) are the caller's. */
#pragma once
#include "base/buf.h"
#include "base/rng.h"

struct maker {
    struct rng rng;
    struct buf out;
    int depth;
};

void maker_mapping(struct maker *m);
/* A mapping of one rule or filter. */
void maker_expression(struct maker *m);
/* Takes something away from the text, or puts something in. */
void maker_spoil(struct maker *m);
