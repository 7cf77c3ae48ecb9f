/* cleanup.h - one owner for what has an outside (file, socket, statement, transaction).
 *
 *     RC_CLEANUP(db_closep) struct db *db = NULL;   closes on every way out
 *     *ret = RC_TAKE(db);                           hands it on and leaves NULL behind
 *
 * RC_CLEANUP_FN(type, fn) makes fn##p(), which takes the address of a pointer as cleanup wants
 * it. */
#pragma once
#include <stddef.h>

#define RC_CLEANUP(fn) __attribute__((cleanup(fn)))
#define RC_TAKE(p)                                                                                 \
    __extension__({                                                                                \
        __typeof__(p) rc_taken_ = (p);                                                             \
        (p) = NULL;                                                                                \
        rc_taken_;                                                                                 \
    })
#define RC_CLEANUP_FN(type, fn)                                                                    \
    static inline void fn##p(type **p) {                                                           \
        if (*p != NULL)                                                                            \
            fn(*p);                                                                                \
        *p = NULL;                                                                                 \
    }
#define RC_LEN(array) (sizeof(array) / sizeof *(array))
