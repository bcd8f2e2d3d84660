// All threads of the library. The rules, each answering something that was seen to go wrong elsewhere:
//   - Chunks are fixed by items and cost, and handed out dynamically: results do not depend on threads, and a
//     descheduled thread holds up one chunk, not its share of the whole.
//   - Regions start from one driver thread of our own: libgomp keeps a team for every thread that starts a
//     region, so callers that started their own would multiply teams. At most threads + 1 threads exist.
//   - The caller works beside the team and returns when every chunk is done, not when the region joins.
//   - One region at a time. Who finds the team busy, is inside a worker, or inside a host's OpenMP region works alone.
//   - libgomp ends the process when it cannot create a thread, so creation is tried first; when it fails, calls
//     run serially.
//   - A team has one size for life (a change of size makes libgomp allocate); members without a ticket leave at once.
//   - libgomp hangs in a forked child, so a child runs serially; once it sets a thread count of its own, it gets
//     a fresh driver, whose team is new.
//   - The driver starts with the process's affinity, all signals blocked and the default floating-point mode.
//   - A sleeping driver is kept off the caller's CPU while it is woken: where the scheduler does not know which CPUs share
//     a cache, as on many virtual machines, it wakes it there and lets the two take turns.
#include "core/parallel.hpp"

#include <atomic>
#include <climits>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>
#ifdef _OPENMP
#include <omp.h>
#endif

#include "bytestride/float_mode.hpp"
#include "core/machine.hpp"

namespace bytestride {
namespace {

// Below this much work a second thread costs more than it brings: waking a sleeping one takes up to 60 us.
constexpr double serial_below_nanoseconds = 200e3;
// Chunks are short enough for a quick answer to the cancel word, long enough to hide the hand-out.
constexpr double shortest_chunk_nanoseconds = 10e3, longest_chunk_nanoseconds = 1e6;
constexpr int chunks_wanted = 24;

void pause() {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#else
    __asm__ volatile("yield");
#endif
}

void futex_wait(std::atomic<int> *word, int expected) {
    syscall(SYS_futex, reinterpret_cast<int *>(word), FUTEX_WAIT_PRIVATE, expected, nullptr, nullptr, 0);
}
void futex_wake(std::atomic<int> *word) {
    syscall(SYS_futex, reinterpret_cast<int *>(word), FUTEX_WAKE_PRIVATE, INT_MAX, nullptr, nullptr, 0);
}

bool differs_soon(const std::atomic<int> *word, int from, int spins) {
    while (word->load(std::memory_order_acquire) == from) {
        if (spins-- <= 0) return false;
        pause();
    }
    return true;
}

// Waits until word differs from `from`: spins for a while, since the answer usually comes soon, then sleeps.
int wait_for_change(std::atomic<int> *word, int from, int spins) {
    if (!differs_soon(word, from, spins))
        while (word->load(std::memory_order_acquire) == from) futex_wait(word, from);
    return word->load(std::memory_order_acquire);
}

// The CPUs that a thread may use.
struct cpu_mask {
    static constexpr int bits_of_word = 8 * sizeof(unsigned long);
    unsigned long words[8192 / bits_of_word];

    bool read(pid_t thread) {
        for (unsigned long &word : words) word = 0;
        return sched_getaffinity(thread, sizeof words, reinterpret_cast<cpu_set_t *>(words)) == 0;
    }
    bool apply(pid_t thread) const { return sched_setaffinity(thread, sizeof words, reinterpret_cast<const cpu_set_t *>(words)) == 0; }
    // False when the CPU is not among them, or the last.
    bool remove(int cpu) {
        if (cpu < 0 || cpu >= 8192) return false;
        unsigned long &word = words[cpu / bits_of_word];
        const unsigned long bit = 1ul << cpu % bits_of_word;
        if (!(word & bit)) return false;
        word &= ~bit;
        for (const unsigned long other : words)
            if (other) return true;
        return false;
    }
};

// The loop that is being run. Written only while the team is ours and idle.
struct job {
    loop_body body;
    const void *context;
    index items, chunk_items;
    int chunks;
    const call *settings;
    std::atomic<int> next, completed, tickets, helpers;
    std::atomic<bool> cancelled;
};

struct team {
    std::atomic<int> busy;        // who still uses the team: 1 while a caller prepares it, then the caller and the driver
    std::atomic<bool> posted;     // a job waits for the driver
    std::atomic<int> generation;  // raised to wake the driver
    std::atomic<bool> quit;       // read by the driver whenever it wakes, also late, when its job was taken back
    pthread_t driver;
    std::atomic<pid_t> driver_id;  // 0: it has not started
    std::atomic<bool> asleep;      // the driver sleeps, or is about to
    std::atomic<bool> kept_off;    // the driver may not use the caller's CPU until it wakes, then all that are allowed
    cpu_mask allowed;              // written while not kept off, read while kept off
    int members;                   // 0: no driver
    std::atomic<int> impossible;   // so many members could not be created; 0: not seen
    job work;
};
team the_team;

std::atomic<int> granted;  // 0: not read yet
std::atomic<int> chosen;   // by bytestride_set_num_threads; 0: none
std::atomic<bool> forked;
thread_local bool inside_worker;

bool cancel_requested(const call &settings) { return settings.cancel && __atomic_load_n(settings.cancel, __ATOMIC_RELAXED) != 0; }

void report_start(const call &settings, index items) {
    if (!settings.progress) return;
    __atomic_store_n(&settings.progress[1], items, __ATOMIC_RELAXED);
}

void report_done(const call &settings, index items) {
    if (settings.progress) __atomic_fetch_add(&settings.progress[0], items, __ATOMIC_RELAXED);
}

index chunk_items_for(const loop &what) {
    double length = static_cast<double>(what.items) * what.nanoseconds_per_item / chunks_wanted;
    if (length < shortest_chunk_nanoseconds) length = shortest_chunk_nanoseconds;
    if (length > longest_chunk_nanoseconds) length = longest_chunk_nanoseconds;
    const double items = length / what.nanoseconds_per_item;
    if (!(items >= 1)) return 1;
    return items < static_cast<double>(what.items) ? static_cast<index>(items) : what.items;
}

void run_chunk(const job &work, int chunk, int worker) {
    const index begin = chunk * work.chunk_items;
    index end = begin + work.chunk_items;
    if (end > work.items) end = work.items;
    work.body(work.context, begin, end, worker);
    report_done(*work.settings, end - begin);
}

// Takes chunks until none is left. After a cancellation the rest is only counted off.
void take_chunks(job &work, int worker) {
    const bool outer = inside_worker;
    inside_worker = true;
    for (;;) {
        const int chunk = work.next.fetch_add(1, std::memory_order_acq_rel);
        if (chunk >= work.chunks) break;
        if (!work.cancelled.load(std::memory_order_relaxed)) {
            if (cancel_requested(*work.settings))
                work.cancelled.store(true, std::memory_order_relaxed);
            else
                run_chunk(work, chunk, worker);
        }
        if (work.completed.fetch_add(1, std::memory_order_acq_rel) + 1 == work.chunks) futex_wake(&work.completed);
    }
    inside_worker = outer;
}

void help(job &work) {
    const int ticket = work.tickets.fetch_add(1, std::memory_order_acq_rel);
    if (ticket >= work.helpers.load(std::memory_order_acquire)) return;
    default_float_mode mode;
    take_chunks(work, ticket + 1);
}

void run_region(job &work, int members) {
#ifdef _OPENMP
    if (members > 1) {
#pragma omp parallel num_threads(members)
        help(work);
        return;
    }
#endif
    (void)members;
    help(work);
}

void adopt_affinity_of_process() {
    cpu_mask mask;
    if (mask.read(getpid())) mask.apply(0);
}

// Called by the caller that holds the team, before it wakes the driver.
void keep_driver_off_this_cpu() {
    const pid_t driver = the_team.driver_id.load(std::memory_order_relaxed);
    if (driver == 0 || !the_team.asleep.load(std::memory_order_relaxed)) return;
    if (the_team.kept_off.load(std::memory_order_acquire)) return;  // it has not woken since the last call
    if (!the_team.allowed.read(driver)) return;
    cpu_mask others = the_team.allowed;
    if (others.remove(sched_getcpu()) && others.apply(driver)) the_team.kept_off.store(true, std::memory_order_release);
}

// Called by the driver whenever it wakes.
void allow_every_cpu() {
    if (!the_team.kept_off.load(std::memory_order_acquire)) return;
    the_team.allowed.apply(0);
    the_team.kept_off.store(false, std::memory_order_release);
}

// The driver may leave its region while the caller still runs a chunk, or the other way round: the job is free for
// the next caller when both have left.
void release_team() { the_team.busy.fetch_sub(1, std::memory_order_acq_rel); }

void *drive(void *) {
    constexpr int spins = 2000;  // about 50 us
    adopt_affinity_of_process();
    the_team.driver_id.store(static_cast<pid_t>(syscall(SYS_gettid)), std::memory_order_relaxed);
    int seen = 0;
    for (;;) {
        if (!differs_soon(&the_team.generation, seen, spins)) the_team.asleep.store(true, std::memory_order_relaxed);
        seen = wait_for_change(&the_team.generation, seen, 0);
        the_team.asleep.store(false, std::memory_order_relaxed);
        allow_every_cpu();
        if (the_team.quit) return nullptr;
        if (!the_team.posted.exchange(false, std::memory_order_acq_rel)) continue;  // the caller took it back
        run_region(the_team.work, the_team.members);
        release_team();
    }
}

// Everything that creates threads does so with all signals blocked: a host's handlers must not run on our threads.
class blocked_signals {
public:
    blocked_signals() {
        sigset_t all;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &saved);
    }
    ~blocked_signals() { pthread_sigmask(SIG_SETMASK, &saved, nullptr); }
    blocked_signals(const blocked_signals &) = delete;
    blocked_signals &operator=(const blocked_signals &) = delete;

private:
    sigset_t saved;
};

// Whether so many threads can exist at once.
bool threads_can_be_created(int count) {
    std::atomic<int> gate{0};
    pthread_t probes[most_threads];
    int made = 0;
    const auto wait_at_gate = [](void *word) -> void * {
        wait_for_change(static_cast<std::atomic<int> *>(word), 0, 0);
        return nullptr;
    };
    while (made < count && pthread_create(&probes[made], nullptr, wait_at_gate, &gate) == 0) ++made;
    gate.store(1, std::memory_order_release);
    futex_wake(&gate);
    for (int i = 0; i < made; ++i) pthread_join(probes[i], nullptr);
    return made == count;
}

void forget_driver() {
    the_team.quit = false;
    the_team.driver_id.store(0);
    the_team.asleep.store(false);
    the_team.kept_off.store(false);
    the_team.members = 0;
}

void retire_driver() {
    the_team.quit = true;
    the_team.generation.fetch_add(1, std::memory_order_acq_rel);
    futex_wake(&the_team.generation);
    pthread_join(the_team.driver, nullptr);
    forget_driver();
}

void forget_team_in_child() {
    the_team.busy.store(0);
    the_team.posted.store(false);
    the_team.generation.store(0);
    forget_driver();
    the_team.impossible = 0;
    chosen.store(0);
    forked.store(true);
    inside_worker = false;
}

// From the moment the library is loaded: a child forgets the thread count too, which may be set before any team exists.
__attribute__((constructor)) void watch_forks() { pthread_atfork(nullptr, nullptr, forget_team_in_child); }

// Makes the team large enough; called by the thread that holds it.
bool ready_team(int members) {
    if (the_team.members >= members) return true;
    const int impossible = the_team.impossible.load(std::memory_order_relaxed);
    if (impossible && members >= impossible) return false;
    const blocked_signals guard;
    if (!threads_can_be_created(members)) {
        the_team.impossible = members;
        return false;
    }
    if (the_team.members > 0) retire_driver();
    the_team.generation.store(0);
    if (pthread_create(&the_team.driver, nullptr, drive, nullptr) != 0) {
        the_team.impossible = members;
        return false;
    }
    the_team.members = members;
    return true;
}

bool acquire_team() {
    // A driver that is just leaving its region is worth a short wait.
    for (int spins = 500; spins > 0; --spins) {
        int idle = 0;
        if (the_team.busy.compare_exchange_strong(idle, 1, std::memory_order_acq_rel)) return true;
        pause();
    }
    return false;
}

status run_serially(const call &settings, const loop &what, loop_body body, const void *context) {
    const index step = chunk_items_for(what);
    const bool outer = inside_worker;
    inside_worker = true;
    bool cancelled = false;
    for (index begin = 0; begin < what.items; begin += step) {
        cancelled = cancel_requested(settings);
        if (cancelled) break;
        const index end = what.items - begin > step ? begin + step : what.items;
        body(context, begin, end, 0);
        report_done(settings, end - begin);
    }
    inside_worker = outer;
    return cancelled ? BYTESTRIDE_ERROR_CANCELLED : BYTESTRIDE_OK;
}

// A process that ends while the driver leaves a region would take the OpenMP runtime down under it.
__attribute__((destructor)) void let_driver_leave() {
    for (int tries = 100; tries > 0 && the_team.busy.load(std::memory_order_acquire); --tries) usleep(1000);
}

bool inside_host_region() {
#ifdef _OPENMP
    return omp_in_parallel();
#else
    return false;
#endif
}

}  // namespace

int default_threads() {
    const int set = chosen.load(std::memory_order_relaxed);
    if (set > 0) return set;
    if (forked.load(std::memory_order_relaxed)) return 1;
    int count = granted.load(std::memory_order_relaxed);
    if (count == 0) {
        count = threads_granted();
        granted.store(count, std::memory_order_relaxed);
    }
    return count;
}

status set_default_threads(int threads) {
    if (threads < 0) return BYTESTRIDE_ERROR_OPTION;
    chosen.store(threads < most_threads ? threads : most_threads, std::memory_order_relaxed);
    return BYTESTRIDE_OK;
}

bool built_with_openmp() {
#ifdef _OPENMP
    return true;
#else
    return false;
#endif
}

const char *serial_reason() {
    if (!built_with_openmp()) return "built without OpenMP";
    if (forked.load(std::memory_order_relaxed) && chosen.load(std::memory_order_relaxed) == 0)
        return "forked child: serial until a thread count is set";
    if (the_team.impossible.load(std::memory_order_relaxed)) return "threads could not be created";
    return nullptr;
}

int workers_for(const call &settings, const loop &what) {
    if (settings.threads <= 1 || !built_with_openmp() || inside_worker) return 1;
    if (static_cast<double>(what.items) * what.nanoseconds_per_item < serial_below_nanoseconds) return 1;
    if (forked.load(std::memory_order_relaxed) && chosen.load(std::memory_order_relaxed) == 0) return 1;
    const index step = chunk_items_for(what);
    const index chunks = (what.items + step - 1) / step;
    index workers = settings.threads < most_threads ? settings.threads : most_threads;
    if (chunks < workers) workers = chunks;
    return workers > 1 && !inside_host_region() ? static_cast<int>(workers) : 1;
}

status run_loop(const call &settings, const loop &what, loop_body body, const void *context) {
    report_start(settings, what.items);
    const int workers = workers_for(settings, what);
    if (workers == 1 || !acquire_team()) return run_serially(settings, what, body, context);
    if (!ready_team(workers - 1)) {
        release_team();
        return run_serially(settings, what, body, context);
    }
    job &work = the_team.work;
    work.body = body;
    work.context = context;
    work.items = what.items;
    work.chunk_items = chunk_items_for(what);
    work.chunks = static_cast<int>((what.items + work.chunk_items - 1) / work.chunk_items);
    work.settings = &settings;
    work.next.store(0, std::memory_order_relaxed);
    work.completed.store(0, std::memory_order_relaxed);
    work.tickets.store(0, std::memory_order_relaxed);
    work.helpers.store(workers - 1, std::memory_order_relaxed);
    work.cancelled.store(false, std::memory_order_relaxed);
    the_team.busy.store(2, std::memory_order_relaxed);  // the caller and the driver
    keep_driver_off_this_cpu();
    the_team.posted.store(true, std::memory_order_release);
    the_team.generation.fetch_add(1, std::memory_order_acq_rel);
    futex_wake(&the_team.generation);

    take_chunks(work, 0);
    // What is left was taken by a helper; no chunk can be taken any more, so no body starts after this.
    int completed;
    while ((completed = work.completed.load(std::memory_order_acquire)) != work.chunks) wait_for_change(&work.completed, completed, 2000);
    const bool cancelled = work.cancelled.load(std::memory_order_relaxed);
    // A driver that got no processor all the while is not waited for: the next call may find one.
    if (the_team.posted.exchange(false, std::memory_order_acq_rel)) release_team();
    release_team();
    return cancelled ? BYTESTRIDE_ERROR_CANCELLED : BYTESTRIDE_OK;
}

}  // namespace bytestride
