package bytestride;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.math.BigInteger;
import java.nio.file.Path;

/** The library in this process: which it is, and how many threads its calls use. */
@SuppressWarnings("restricted") // This package is what needs --enable-native-access.
public final class Library {
    private static final SymbolLookup SYMBOLS = load();
    private static final MethodHandle LAST_ERROR = find("bytestride_last_error", FunctionDescriptor.of(ADDRESS));
    private static final MethodHandle SUM_PRIMES_128 = function("bytestride_sum_primes_128", JAVA_LONG, JAVA_LONG, ADDRESS, ADDRESS);

    private Library() {
    }

    private static SymbolLookup load() {
        String file = System.getProperty("bytestride.library", System.getenv("BYTESTRIDE_LIBRARY"));
        SymbolLookup symbols;
        try {
            symbols = file == null || file.isEmpty()
                    ? SymbolLookup.libraryLookup("libbytestride.so." + Declarations.ABI_VERSION, Arena.global())
                    : SymbolLookup.libraryLookup(Path.of(file).toAbsolutePath(), Arena.global());
        } catch (IllegalArgumentException missing) {
            UnsatisfiedLinkError error = new UnsatisfiedLinkError((file == null ? "libbytestride.so." + Declarations.ABI_VERSION : file)
                    + " could not be loaded: install it, or name it in BYTESTRIDE_LIBRARY or -Dbytestride.library");
            error.initCause(missing);
            throw error;
        }
        // A library that answers another number has other structs.
        MethodHandle version = Linker.nativeLinker().downcallHandle(symbols.find("bytestride_abi_version").orElseThrow(),
                FunctionDescriptor.of(JAVA_INT));
        try {
            int found = (int) version.invokeExact();
            if (found != Declarations.ABI_VERSION) {
                throw new UnsatisfiedLinkError("the library's binary interface is " + found + ", this package's " + Declarations.ABI_VERSION);
            }
        } catch (Throwable thrown) {
            throw Call.unchecked(thrown);
        }
        return symbols;
    }

    private static MethodHandle find(String name, FunctionDescriptor descriptor) {
        return Linker.nativeLinker().downcallHandle(SYMBOLS.find(name).orElseThrow(), descriptor);
    }

    /** A function that returns a status. */
    static MethodHandle function(String name, MemoryLayout... parameters) {
        return find(name, FunctionDescriptor.of(JAVA_INT, parameters));
    }

    /** Calls a function without arguments that returns a text. */
    private static String text(String name) {
        try {
            MemorySegment text = (MemorySegment) find(name, FunctionDescriptor.of(ADDRESS)).invokeExact();
            return text.reinterpret(Long.MAX_VALUE).getString(0);
        } catch (Throwable thrown) {
            throw Call.unchecked(thrown);
        }
    }

    /**
     * The version of the library.
     * @return as "1.2.3"
     */
    public static String version() {
        return text("bytestride_version");
    }

    /**
     * The instruction-set level in use.
     * @return "baseline", "avx2", "avx512" or "neon"
     */
    public static String isa() {
        return text("bytestride_isa");
    }

    /**
     * Facts about the build and the machine.
     * @return a JSON object: version, abi, compiler, levels, isa, threads, serial_reason, openmp, library (path of the file)
     */
    public static String buildInfo() {
        return text("bytestride_build_info");
    }

    /**
     * Sets how many threads a call may use in this process when its options do not say.
     * @param threads 0 returns to the default
     */
    public static void setNumThreads(int threads) {
        try {
            int status = (int) function("bytestride_set_num_threads", JAVA_INT).invokeExact(threads);
            if (status != 0) {
                throw new BytestrideException(status, ((MemorySegment) LAST_ERROR.invokeExact()).reinterpret(Long.MAX_VALUE).getString(0));
            }
        } catch (Throwable thrown) {
            throw Call.unchecked(thrown);
        }
    }

    /**
     * How many threads a call may use when its options do not say.
     * @return at least 1
     */
    public static int numThreads() {
        try {
            return (int) function("bytestride_get_num_threads").invokeExact();
        } catch (Throwable thrown) {
            throw Call.unchecked(thrown);
        }
    }

    /**
     * The sum of the primes p with start &lt;= p &lt; limit, also beyond 64 bits. Cost: O(limit^(3/4)) time, O(sqrt limit) memory.
     * @param start as bits of a uint64
     * @param limit as bits of a uint64
     * @param options the options, or null
     * @return the sum
     */
    public static BigInteger sumPrimesBelow(long start, long limit, Bytestride.Options options) {
        try (Call call = new Call(options != null ? options : new Bytestride.Options(), null)) {
            MemorySegment words = call.allocate(16);
            call.check((int) SUM_PRIMES_128.invokeExact(start, limit, words, call.options()));
            BigInteger high = new BigInteger(Long.toUnsignedString(words.get(JAVA_LONG, 8)));
            return high.shiftLeft(64).add(new BigInteger(Long.toUnsignedString(words.get(JAVA_LONG, 0))));
        } catch (Throwable thrown) {
            throw Call.unchecked(thrown);
        }
    }
}
