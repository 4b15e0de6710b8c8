//! A closure with `?` does not say which error it returns: the forms for those end in `fallible`.

//~ error[E028

use threadwork_core::Thread;

fn main() {
    let _ = Thread::spawn(|| {
        let _number: u32 = "seven".parse()?;
        Ok(())
    });
}
