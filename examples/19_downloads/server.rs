//! A small HTTP server: `/bytes/300` is a document of 300 bytes, anything else is missing.

use std::{
    error::Error,
    io::{self, BufRead, BufReader, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use threadwork::{Failure, Runnable, StopCallback, Thread, ThreadGroup, current_stop_token};

/// A server that runs in threads of its own.
pub(crate) struct Server {
    thread: Thread<Acceptor>,
    address: SocketAddr,
}

impl Server {
    /// Listens on a free port.
    pub(crate) fn start() -> Result<Server, Box<dyn Error>> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let acceptor =
            Acceptor { listener, clients: ThreadGroup::new("clients"), load: Arc::default() };
        let thread = Thread::builder().name("server").start(acceptor)?;
        Ok(Server { thread, address })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Ends the server; returns how many requests it has served at the same time, at most.
    pub(crate) fn stop(self) -> Result<usize, Box<dyn Error>> {
        self.thread.request_stop();
        self.thread.join()?;
        // The thread gives its runnable back.
        let acceptor = self.thread.runnable().expect("it has ended");
        acceptor.clients.join_all()?;
        Ok(acceptor.load.most.load(Ordering::SeqCst))
    }
}

/// Accepts connections, and starts a thread for each.
struct Acceptor {
    listener: TcpListener,
    clients: ThreadGroup,
    load: Arc<Load>,
}

/// The requests that are served at the same time: now, and at most so far.
#[derive(Default)]
struct Load {
    now: AtomicUsize,
    most: AtomicUsize,
}

impl Runnable for Acceptor {
    fn try_run(&mut self) -> Result<(), Failure> {
        let stop = current_stop_token();
        let address = self.listener.local_addr()?;
        // `accept` knows no stop token. A connection of our own ends it.
        let _wake = StopCallback::new(&stop, move || _ = TcpStream::connect(address));
        loop {
            let (connection, _) = self.listener.accept()?;
            if stop.stop_requested() {
                return Ok(());
            }
            let load = Arc::clone(&self.load);
            let serve = move || serve(&connection, &load);
            self.clients.builder().name("client").build(serve).start()?;
        }
    }
}

fn serve(connection: &TcpStream, load: &Load) -> io::Result<()> {
    load.most.fetch_max(load.now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
    let mut lines = BufReader::new(connection).lines();
    let request = lines.next().transpose()?.unwrap_or_default();
    // The rest of the head does not matter here.
    lines.take_while(|it| it.as_ref().is_ok_and(|it| !it.is_empty())).for_each(drop);
    // As if the document came from a disk or another machine.
    std::thread::sleep(Duration::from_millis(20));

    let path = request.split(' ').nth(1).unwrap_or_default();
    let size = path.strip_prefix("/bytes/").and_then(|it| it.parse().ok());
    let (status, body) = match size {
        Some(size) => ("200 OK", vec![b'x'; size]),
        None => ("404 Not Found", Vec::new()),
    };
    // The client may ask for the next document as soon as it has this one.
    load.now.fetch_sub(1, Ordering::SeqCst);
    let mut connection = connection;
    write!(connection, "HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n", body.len())?;
    connection.write_all(&body)
}
