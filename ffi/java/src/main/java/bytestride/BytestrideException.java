package bytestride;

import bytestride.Bytestride.Status;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A call that failed. The message says what was wrong: "argument 2 (kernel): ...". */
public final class BytestrideException extends RuntimeException {
    private static final long serialVersionUID = 1;
    private static final Pattern ARGUMENT = Pattern.compile("^argument (\\d+) \\((\\w+)\\)");

    /** The number of the status. */
    private final int code;

    BytestrideException(int code, String message) {
        super(message);
        this.code = code;
    }

    /**
     * Why the call failed.
     * @return the status; INTERNAL for one that a newer library may have, and {@link #code} tells
     */
    public Status status() {
        for (Status status : Status.values()) {
            if (status.value == code) {
                return status;
            }
        }
        return Status.INTERNAL;
    }

    /**
     * The status as a number.
     * @return a negative number
     */
    public int code() {
        return code;
    }

    /**
     * The number of the argument that was wrong.
     * @return from 1 on; 0 where it was none
     */
    public int argument() {
        Matcher found = ARGUMENT.matcher(getMessage());
        return found.find() ? Integer.parseInt(found.group(1)) : 0;
    }

    /**
     * The name of the argument that was wrong.
     * @return the name, or ""
     */
    public String argumentName() {
        Matcher found = ARGUMENT.matcher(getMessage());
        return found.find() ? found.group(2) : "";
    }
}
