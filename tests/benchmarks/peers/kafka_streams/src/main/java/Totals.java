import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.processor.api.FixedKeyProcessor;
import org.apache.kafka.streams.processor.api.FixedKeyProcessorContext;
import org.apache.kafka.streams.processor.api.FixedKeyRecord;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;

/** The common task: a total per member in a persistent store with its changelog, exactly once, one thread. */
public class Totals {
  public static class Data {
    public long amount;
    public String mcc;
    public String merchant;
    public String terminal;
    public String channel;
    public String card;
  }

  public static class Event {
    public String id;
    public String source;
    public String type;
    public String time;
    public String subject;
    public Data data;
  }

  static final class Score implements FixedKeyProcessor<String, Event, String> {
    private static final long RIAL_PER_POINT = 100_000;
    private FixedKeyProcessorContext<String, String> context;
    private KeyValueStore<String, Long> totals;

    @Override
    public void init(FixedKeyProcessorContext<String, String> given) {
      context = given;
      totals = given.getStateStore("totals");
    }

    @Override
    public void process(FixedKeyRecord<String, Event> record) {
      Event event = record.value();
      long points = event.data.amount / RIAL_PER_POINT;
      if (points == 0) {
        return;
      }
      Long before = totals.get(record.key());
      long total = (before == null ? 0 : before) + points;
      totals.put(record.key(), total);
      context.forward(record.withValue("[\"" + event.id + "\"," + points + "," + total + "]"));
    }
  }

  private static Serde<Event> events() {
    ObjectReader reader =
        new ObjectMapper().configure(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES, false).readerFor(Event.class);
    return Serdes.serdeFrom(
        (topic, event) -> {
          throw new UnsupportedOperationException();
        },
        (topic, bytes) -> {
          try {
            return reader.readValue(bytes);
          } catch (IOException error) {
            throw new UncheckedIOException(error);
          }
        });
  }

  public static void main(String[] arguments) {
    Map<String, String> given = System.getenv();
    StreamsBuilder builder = new StreamsBuilder();
    builder.addStateStore(
        Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore("totals"), Serdes.String(), Serdes.Long()));
    builder.stream(given.get("BENCHMARK_INPUT"), Consumed.with(Serdes.String(), events()))
        .processValues(Score::new, "totals")
        .to(given.get("BENCHMARK_OUTPUT"), Produced.with(Serdes.String(), Serdes.String()));

    Properties settings = new Properties();
    settings.put(StreamsConfig.APPLICATION_ID_CONFIG, given.get("BENCHMARK_GROUP"));
    settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, given.get("BENCHMARK_BOOTSTRAP"));
    settings.put(StreamsConfig.STATE_DIR_CONFIG, given.get("BENCHMARK_FOLDER"));
    settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, 1);
    KafkaStreams streams = new KafkaStreams(builder.build(), settings);
    streams.setUncaughtExceptionHandler(
        error -> {
          error.printStackTrace();
          return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
        });
    Runtime.getRuntime().addShutdownHook(new Thread(streams::close));
    streams.start();
  }
}
