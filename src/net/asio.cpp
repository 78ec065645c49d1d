#include <boost/asio/impl/src.hpp>  // BOOST_ASIO_SEPARATE_COMPILATION: the one place where it is compiled
