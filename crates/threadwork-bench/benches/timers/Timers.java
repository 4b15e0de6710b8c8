import java.util.ArrayList;
import java.util.Arrays;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Prints the number of pending tasks, and how many nanoseconds it takes to schedule one more and to cancel it. */
public class Timers {
    static final int EACH = 20_000;
    static final int ROUNDS = 61;
    static final AtomicLong COUNT = new AtomicLong();
    static final ScheduledThreadPoolExecutor EXECUTOR = new ScheduledThreadPoolExecutor(1);

    static long random = 88172645463325252L;

    /** The same delays as those of the timers that this is compared with, in milliseconds: one to two hours. */
    static long delay() {
        random ^= random << 13;
        random ^= random >>> 7;
        random ^= random << 17;
        return 3_600_000 + Long.remainderUnsigned(random, 3_600_000);
    }

    static ScheduledFuture<?> schedule(long delay) {
        AtomicLong count = COUNT;
        return EXECUTOR.schedule(() -> count.incrementAndGet(), delay, TimeUnit.MILLISECONDS);
    }

    static double round() {
        long[] delays = new long[EACH];
        Arrays.setAll(delays, it -> delay());
        long start = System.nanoTime();
        for (long delay : delays) {
            schedule(delay).cancel(false);
        }
        return (double) (System.nanoTime() - start) / EACH;
    }

    public static void main(String[] arguments) {
        EXECUTOR.setRemoveOnCancelPolicy(true);
        for (String argument : arguments) {
            int pending = Integer.parseInt(argument);
            var others = new ArrayList<ScheduledFuture<?>>(pending);
            for (int i = 0; i < pending; i++) {
                others.add(schedule(delay()));
            }
            // In the first half the code is compiled.
            double[] times = new double[ROUNDS];
            Arrays.setAll(times, it -> round());
            times = Arrays.copyOfRange(times, ROUNDS / 2, ROUNDS);
            Arrays.sort(times);
            System.out.println(pending + " " + times[times.length / 2]);
            others.forEach(it -> it.cancel(false));
        }
        EXECUTOR.shutdownNow();
    }
}
