# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""Data-parallel training in processes of one thread each: gradients are averaged in shared
memory."""
import multiprocessing.connection
import os
import threading

import torch


def ended_well(process):
    """Of a worker; the parent outlives its workers where all is well."""
    if process is multiprocessing.parent_process():
        return False
    try:
        return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT).si_status == 0
    except ChildProcessError:  # joined: its end was waited for
        return True


class Team:
    """What the workers share. Made by the parent before the workers start."""

    def __init__(self, context, size, parameters):
        self.size = size
        self._gradients = torch.zeros(size, parameters).share_memory_() if size > 1 else None
        self._barrier = context.Barrier(size)
        self.stop = context.Value('b', 0, lock=False)
        self.next_scenes = context.Array('Q', size, lock=False)
        self.cpu_seconds = context.Array('d', size, lock=False)
        self._decision = context.Array('d', 2, lock=False)

    def next_scene(self):
        return max(self.next_scenes)

    def wait(self):
        if self.size > 1:
            self._barrier.wait()

    def abort(self):
        """Lets the others out of their wait, with an error."""
        self._barrier.abort()

    def broken(self):
        return self._barrier.broken

    def watch(self, process):
        """Aborts when it ends otherwise than well: nobody waits for what the system has killed."""
        def look():
            multiprocessing.connection.wait([process.sentinel])
            if not ended_well(process):
                self.abort()
        threading.Thread(target=look, daemon=True).start()

    def agree(self, rank, decide):
        """Two numbers that the first worker decides on, the same in all workers."""
        if rank == 0:
            self._decision[0], self._decision[1] = decide()
        self.wait()
        return self._decision[0], self._decision[1]

    def average_gradients(self, rank, parameters):
        if self.size == 1:
            return
        torch.cat([p.grad.view(-1) for p in parameters], out=self._gradients[rank])
        self.wait()
        mean = self._gradients.mean(0)
        self.wait()
        at = 0
        for p in parameters:
            p.grad.copy_(mean[at:at + p.numel()].view_as(p))
            at += p.numel()
