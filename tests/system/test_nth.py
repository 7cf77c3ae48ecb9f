"""test_nth.py - a sample of nth.py: whichever call of an import fails, it ends cleanly and the directory is whole."""
from harness import scenario

import nth

# About so many n of each kind; a few dozen calls are tried one by one.
SAMPLE = 60


def try_some(case, *kinds):
    for row in nth.rows_of(nth.run(case.database, kinds, sample=SAMPLE, processes=1)):
        case.row("the nth call fails", *row)


@scenario
def whichever_allocation_fails_the_import_ends_cleanly_and_the_directory_is_whole(case):
    try_some(case, "alloc")


@scenario
def whichever_write_or_sync_fails_the_import_ends_cleanly_and_the_directory_is_whole(case):
    try_some(case, "write", "sync")


@scenario
def whichever_connect_or_open_or_read_fails_the_import_ends_cleanly_and_the_directory_is_whole(case):
    try_some(case, "connect", "open", "read")


@scenario
def whichever_send_or_receive_fails_the_import_ends_cleanly_and_the_directory_is_whole(case):
    try_some(case, "send", "recv")
