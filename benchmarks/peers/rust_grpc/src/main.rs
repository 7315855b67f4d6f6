//! What benchmarks/upload.cpp does, by Qdrant's own Rust client over gRPC, as it is by default: its points are made before the clock starts,
//! in the form that its upsert takes, and handed over without a copy. Prints `seconds cpu_us_a_point` of the upload.
//! usage: rust_grpc GRPC_URL

use std::sync::{Arc, Mutex};
use std::time::Instant;

use qdrant_client::qdrant::{
    CountPointsBuilder, CreateCollectionBuilder, Distance, PointStruct, UpdateStatus,
    UpsertPointsBuilder, VectorParamsBuilder,
};
use qdrant_client::{Payload, Qdrant};

const POINTS: u64 = 20_000;
const DIMENSION: u64 = 384;
const PER_REQUEST: u64 = 100;
const AT_ONCE: usize = 4;
const COLLECTION: &str = "qbatch_upload_benchmark_rust";

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Values of a normal distribution with the standard deviation 0.05; the same at each run.
struct Normal {
    state: u64,
}

impl Normal {
    /// Above 0, at most 1.
    fn uniform(&mut self) -> f64 {
        self.state = self
            .state
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        ((self.state >> 11) + 1) as f64 / (1u64 << 53) as f64
    }

    fn next(&mut self) -> f32 {
        let radius = (-2.0 * self.uniform().ln()).sqrt();
        (0.05 * radius * (std::f64::consts::TAU * self.uniform()).cos()) as f32
    }
}

fn make_point(id: u64, normal: &mut Normal) -> PointStruct {
    let mut payload = Payload::new();
    payload.insert("description", format!("pattern {id}"));
    payload.insert("code", "");
    payload.insert("language", "");
    payload.insert("usage_count", 0i64);
    let vector: Vec<f32> = (0..DIMENSION).map(|_| normal.next()).collect();
    PointStruct::new(id, vector, payload)
}

fn make_chunks() -> Vec<Vec<PointStruct>> {
    let mut normal = Normal { state: 1 };
    (0..POINTS / PER_REQUEST)
        .map(|chunk| {
            let first = chunk * PER_REQUEST;
            (first..first + PER_REQUEST)
                .map(|id| make_point(id, &mut normal))
                .collect()
        })
        .collect()
}

/// CPU time of this process so far, user and system.
fn cpu_seconds() -> f64 {
    let seconds = |time: libc::timeval| time.tv_sec as f64 + time.tv_usec as f64 * 1e-6;
    // SAFETY: rusage is plain data for which zeros are a value, and getrusage only writes it.
    let usage = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        libc::getrusage(libc::RUSAGE_SELF, &mut usage);
        usage
    };
    seconds(usage.ru_utime) + seconds(usage.ru_stime)
}

async fn upload(client: &Arc<Qdrant>, chunks: Vec<Vec<PointStruct>>) -> Result<(), Failure> {
    let waiting = Arc::new(Mutex::new(chunks));
    let mut tasks = Vec::new();
    for _ in 0..AT_ONCE {
        let (client, waiting) = (client.clone(), waiting.clone());
        tasks.push(tokio::spawn(async move {
            loop {
                let Some(points) = waiting.lock().expect("nobody panics with it").pop() else {
                    return Ok::<(), Failure>(());
                };
                let request = UpsertPointsBuilder::new(COLLECTION, points).wait(true);
                let answer = client.upsert_points(request).await?;
                if answer.result.map(|result| result.status()) != Some(UpdateStatus::Completed) {
                    return Err("an upsert was not completed".into());
                }
            }
        }));
    }
    for task in tasks {
        task.await??;
    }
    Ok(())
}

async fn measure(url: &str) -> Result<(), Failure> {
    let client = Arc::new(Qdrant::from_url(url).build()?);
    let chunks = make_chunks();
    // Whether there is one or not.
    client.delete_collection(COLLECTION).await?;
    let vectors = VectorParamsBuilder::new(DIMENSION, Distance::Cosine);
    client
        .create_collection(CreateCollectionBuilder::new(COLLECTION).vectors_config(vectors))
        .await?;

    let cpu_before = cpu_seconds();
    let began = Instant::now();
    upload(&client, chunks).await?;
    let seconds = began.elapsed().as_secs_f64();
    let cpu = cpu_seconds() - cpu_before;

    let counted = client
        .count(CountPointsBuilder::new(COLLECTION).exact(true))
        .await?;
    client.delete_collection(COLLECTION).await?;
    if counted.result.map(|result| result.count) != Some(POINTS) {
        return Err("points are missing".into());
    }
    println!("{seconds:.6} {:.6}", cpu * 1e6 / POINTS as f64);
    Ok(())
}

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [url] = arguments.as_slice() else {
        eprintln!("usage: rust_grpc GRPC_URL");
        std::process::exit(2);
    };
    if let Err(error) = measure(url).await {
        eprintln!("rust_grpc: {error}");
        std::process::exit(1);
    }
}
