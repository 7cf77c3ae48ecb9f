/* digest.h - the fingerprint by which "nothing changed" is known without reading what is stored.
 *
 * Format of the digested bytes, for an employee: 4 bytes version (3) | 4 bytes bad | 4 bytes bad
 * custom | source id | each field in the order of enum employee_field: its text, and for groups its
 * id | each custom: key, value. For a user: 4 bytes version (2) | each of the first eleven fields in
 * the order of enum user_field | each later one that is not missing: 1 byte its number, its text |
 * each custom field: its name, its value. A text is 1 byte state | 4 bytes length | bytes. Numbers
 * are little-endian. A state is 0 to 2 and a field's number larger, so that a custom field, which
 * begins with the state of its name, is none of them. The names of departments and teams are left
 * out: they live on the team, and a rename is one write.
 *
 * Shape:  pure; keyed SipHash-2-4 of 128 bits, so that nobody can guess a person from a stored digest.
 *         The employee's digest is of the employee as stored: where HR did not send what is known
 *         already, the known value counts. The mapping is not in it, or each new mapping would
 *         write everybody anew: that an equal employee is an equal user holds only under the same
 *         mapping, which the caller has to know.
 * Memory: scratch is the caller's, cleared by each call and used again. */
#pragma once
#include "base/buf.h"
#include "people/employee.h"
#include "people/user.h"
#include "secret/secret.h"

struct digest {
    uint8_t bytes[SECRET_DIGEST_BYTES];
};
enum { DIGEST_SCRATCH_BYTES = 1 << 20 };

void digest_employee(const struct secret_key *k, const struct employee *e, struct buf *scratch,
                     struct digest *ret);
void digest_user(const struct secret_key *k, const struct user *u, struct buf *scratch,
                 struct digest *ret);
bool digest_equal(const struct digest *a, const struct digest *b);
uint64_t digest_print(const struct digest *d); /* its first eight bytes, for the roll */
